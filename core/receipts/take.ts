/** Taking a receipt from somebody who has nothing but the link: what they say is kept with name, time and proof, and told to the ledger. */
import type { Files } from '../../channels/files.js';
import { announceAct } from '../audit/book.js';
import type { Vault } from '../accounts/vault.js';
import { LianfaError } from '../errors.js';
import { ingest } from '../media/library.js';
import type { Actor } from '../model/actor.js';
import { change } from '../callouts/book.js';
import { answered, hasAnswered, opened, type Given } from '../callouts/protocol.js';
import { stillAsking } from '../callouts/watch.js';
import type { Callout, CalloutItem, CalloutMessage } from '../model/callout.js';
import type { Store } from '../store/store.js';
import { openReceipt } from './links.js';

export interface ReceiptMeans {
  store: Store;
  vault: Pick<Vault, 'mark'>;
}

/** What the link is for, as it stands now; that it was opened by hand is kept. @throws LianfaError receipt_link_over */
export async function lookAt(means: ReceiptMeans, token: string): Promise<{ row: Callout; message: CalloutMessage }> {
  const { row, message } = await openReceipt(means, token);
  await stillAsking(means.store, [row], new Date());
  const { row: now } = await change(means.store, row._id, (known) => opened(known, message.n, new Date()));
  return { row: now, message };
}

/** Keeps the picture that proves it, cleaned as all pictures are. @throws LianfaError receipt_link_over, picture_refused, receipt_used */
export async function takePicture(means: ReceiptMeans, library: Files, token: string, bytes: Buffer): Promise<string> {
  const { row, message } = await openReceipt(means, token);
  if (row.items.every(({ id }) => hasAnswered(row, message.n, id))) throw new LianfaError('receipt_used');
  const medium = await ingest(means.store, library, {
    bytes,
    name: 'receipt.jpg',
    by: `receipt ${row._id}.${message.n}`,
    unit: row.organization,
  });
  if (medium.width === undefined) throw new LianfaError('receipt_no_picture');
  return medium._id;
}

/**
 * The same link answers once for each thing on its list; a second press of the same button is not a second word. `item`
 * may be left out where there is one thing alone.
 * @throws LianfaError receipt_link_over, receipt_used, receipt_unproven, field_missing, field_invalid
 */
export async function takeReceipt(
  means: ReceiptMeans,
  token: string,
  { item: named, ...given }: Given & { item?: string },
  from: Actor['from'],
): Promise<{ row: Callout; item: CalloutItem; late: boolean }> {
  const { store } = means;
  const { row, message } = await openReceipt(means, token);
  if (given.url === undefined && given.words === undefined && given.picture === undefined)
    throw new LianfaError('receipt_unproven', { field: 'words' });
  const of = itemNamed(row, named).id;
  await requireOwnPicture(store, row, message, given.picture);
  // What is settled already is late, whoever has noticed it first.
  await stillAsking(store, [row], new Date());
  const { row: now, changed } = await change(store, row._id, (known) =>
    answered(known, message.n, of, given, new Date()),
  );
  if (!changed) throw new LianfaError('receipt_used');
  const item = itemNamed(now, of);
  const late = now.receipts.at(-1)?.late === true;
  // Whoever has the link may press it: the book says from where and by what name, and claims no person.
  await announceAct(store, {
    act: 'callout.receipt',
    outcome: 'done',
    from,
    unit: row.organization,
    on: { release: item.release, placement: item.placement },
    after: { callout: row._id, name: given.name, late },
  });
  return { row: now, item, late };
}

/** @throws LianfaError field_missing, field_invalid */
function itemNamed({ items }: Callout, named: string | undefined): CalloutItem {
  const [only] = items.length === 1 ? items : [];
  const item = named === undefined ? only : items.find(({ id }) => id === named);
  if (item) return item;
  if (named === undefined) throw new LianfaError('field_missing', { field: 'item' });
  const reason = { zh: '清单上没有这一项。', en: 'there is no such thing on the list.' };
  throw new LianfaError('field_invalid', { field: 'item', reason });
}

/** Nobody proves with what somebody else has uploaded. @throws LianfaError field_invalid */
async function requireOwnPicture(
  store: Store,
  row: Callout,
  message: CalloutMessage,
  picture: string | undefined,
): Promise<void> {
  if (picture === undefined) return;
  const medium = await store.media.findById(picture, { createdBy: 1, units: 1 }).lean();
  if (medium?.units.includes(row.organization)) return;
  throw new LianfaError('field_invalid', {
    field: 'picture',
    reason: { zh: `没有这张图片（${message.n}）。`, en: `there is no such picture (${message.n}).` },
  });
}
