/** From whom alerts are taken (来源): what an operator says of a sender. */
import { z } from 'zod';
import { act, type Entry } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { id, newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import type { AlertSource } from '../model/alert.js';
import { within } from '../model/organization.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { line } from '../text.js';

export const sourceInput = z.object({
  sender: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\s,<&]+$/u, '不能含空格、逗号、< 或 & / no blank, comma, < or &')
    .describe("CAP's sender, exactly / 发送者，与来文中的 sender 完全一致"),
  name: line(60).describe('What the sender is called here / 名称'),
  signed: z.boolean().default(false).describe('Alerts without an XML signature are held / 没有签名的先扣下'),
  hourly: z.int().min(1).max(10_000).default(60).describe('Drafts an hour; more are held / 每小时最多成稿数'),
  enabled: z.boolean().default(true),
  organization: id.optional().describe('Whose drafts they become / 归入哪个单位'),
});
export type SourceInput = z.output<typeof sourceInput>;

type Place = Pick<AlertSource, 'organization' | 'path'>;

/** @throws LianfaError field_invalid where there is one of that sender */
export async function addSource(store: Store, input: SourceInput, unit: Place, by: Actor): Promise<AlertSource> {
  const { organization: _named, ...rest } = input;
  const made: AlertSource = { _id: newId('s'), ...rest, ...unit, createdBy: by.person, createdAt: new Date() };
  await act(store, saving(by, made), async (session) => {
    await store.alertSources.create([made], { session }).catch(taken);
  });
  return made;
}

/** @throws LianfaError not_found; field_invalid where there is another of that sender */
export async function changeSource(
  store: Store,
  source: string,
  input: SourceInput,
  unit: Place,
  by: Actor,
): Promise<AlertSource> {
  const { organization: _named, ...rest } = input;
  const before = await store.alertSources.findById(source).lean();
  if (!before) throw new LianfaError('not_found', { what: source });
  const after = { ...before, ...rest, ...unit };
  await act(store, saving(by, after), async (session) => {
    await store.alertSources.updateOne({ _id: source }, { $set: { ...rest, ...unit } }, { session }).catch(taken);
  });
  return after;
}

export async function listSources(store: Store, places: readonly string[]): Promise<AlertSource[]> {
  const rows = await store.alertSources.find(within<AlertSource>(places)).lean();
  return rows.sort((one, other) => one.sender.localeCompare(other.sender));
}

function saving(by: Actor, { _id, organization, sender, signed, hourly, enabled }: AlertSource): Entry {
  return {
    act: 'alert.source',
    outcome: 'done',
    who: by,
    unit: organization,
    on: { source: _id },
    after: { sender, signed, hourly, enabled, organization },
  };
}

function taken(error: unknown): never {
  if (!isDuplicate(error)) throw error;
  throw new LianfaError('field_invalid', {
    field: 'sender',
    reason: { zh: '这个发送者已经登记过。', en: 'this sender is registered already.' },
  });
}
