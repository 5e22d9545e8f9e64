/**
 * The link by which somebody answers without signing in. It is bound to one message of one callout and to its recipient;
 * nothing of it is stored, for the hub knows it again by its own secret. In the address it stands behind `#`, so that
 * no server, no log and no preview of a link ever gets it, and looking at the page tells nothing.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Vault } from '../accounts/vault.js';
import { LianfaError } from '../errors.js';
import type { Callout, CalloutMessage } from '../model/callout.js';
import type { Store } from '../store/store.js';

/** Ms from the callout's beginning: a receipt that comes later belongs to no one's work any more. */
export const linkLife = 7 * 24 * 3_600_000;

/** 96 bits: nobody guesses one, and a text message has room for it. */
const markLength = 16;

export function receiptToken(vault: Pick<Vault, 'mark'>, row: Pick<Callout, '_id'>, { n, to }: CalloutMessage): string {
  return `${row._id}.${n}.${markOf(vault, row._id, n, to.name)}`;
}

export function receiptAddress(hubUrl: string, token: string): string {
  return `${hubUrl}/receipts#${token}`;
}

function markOf(vault: Pick<Vault, 'mark'>, id: string, n: number, name: string): string {
  return vault.mark('receipt', [id, n, name]).slice(0, markLength);
}

/** The callout and the message of a link. @throws LianfaError receipt_link_over, whatever is wrong with it */
export async function openReceipt(
  means: { store: Store; vault: Pick<Vault, 'mark'> },
  token: string,
  now = new Date(),
): Promise<{ row: Callout; message: CalloutMessage }> {
  const [, id = '', n = '', mark = ''] = /^(k[0-9a-z]{13})\.([1-9]\d{0,3})\.([\w-]{16})$/.exec(token) ?? [];
  const row = await means.store.callouts.findById(id).lean<Callout>();
  const message = row?.messages.find((one) => one.n === Number(n));
  const good = message && same(mark, markOf(means.vault, id, message.n, message.to.name));
  if (!row || !good || now.getTime() - row.at.getTime() > linkLife) throw new LianfaError('receipt_link_over');
  return { row, message };
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
