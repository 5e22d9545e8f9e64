/** Where the hub fetches alerts by itself (自动收取): what an operator says of a feed or a watched folder. */
import { z } from 'zod';
import { act, type Entry } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { id, newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import { inletKinds, type AlertInlet } from '../model/alert-inlet.js';
import { within } from '../model/organization.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { line } from '../text.js';

/** Of one hub: all may be under way at once, so none waits for another. */
export const mostInlets = 64;
/** Seconds after which a feed is asked for as a whole, whatever its server says of its being unchanged. */
export const plainEvery = 3_600;
/** Seconds between two looks. */
const intervals = {
  feed: { least: 30, usual: 60, most: 86_400 },
  folder: { least: 2, usual: 5, most: 3_600 },
} as const;

export const inletInput = z
  .object({
    is: z
      .enum(inletKinds)
      .describe('feed: Atom or RSS at an address; folder: one that is watched / 订阅源，或监视文件夹'),
    name: line(60).describe('What it is called here / 名称'),
    address: z
      .string()
      .trim()
      .min(1)
      .max(1_000)
      .describe('Of a feed its http(s) address; of a folder its name, a-z, 0-9 and - / 订阅源的网址，或文件夹名'),
    every: z.int().optional().describe('Seconds between two looks / 间隔秒数'),
    enabled: z.boolean().default(true),
    organization: id.optional().describe('Whose drafts they become / 归入哪个单位'),
  })
  .superRefine(({ is, address, every }, context) => {
    const wrong = is === 'feed' ? addressFault(address) : folderFault(address);
    if (wrong !== undefined) context.addIssue({ code: 'custom', path: ['address'], message: wrong });
    const { least, most } = intervals[is];
    if (every !== undefined && (every < least || every > most))
      context.addIssue({
        code: 'custom',
        path: ['every'],
        message: `应为 ${least} 到 ${most} 秒 / ${least} to ${most} seconds`,
      });
  })
  .transform((input) => ({ ...input, every: input.every ?? intervals[input.is].usual }));
export type InletInput = z.output<typeof inletInput>;

function addressFault(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return '应为 http 或 https 网址 / must be an http or https address';
  return url.username || url.password ? '网址里不能写用户名和密码 / no name or password in it' : undefined;
}

function folderFault(name: string): string | undefined {
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(name)
    ? undefined
    : '只能用小写字母、数字和 -，最长 40 / a-z, 0-9 and -, at most 40';
}

type Place = Pick<AlertInlet, 'organization' | 'path'>;

/** It is looked at as soon as it is made. @throws LianfaError field_invalid where there is one of that address, or too many */
export async function addInlet(store: Store, input: InletInput, unit: Place, by: Actor): Promise<AlertInlet> {
  const { organization: _named, ...rest } = input;
  const at = new Date();
  const made: AlertInlet = {
    _id: newId('i'),
    ...rest,
    ...unit,
    fails: 0,
    createdBy: by.person,
    createdAt: at,
    ...(rest.enabled && { nextAt: at }),
  };
  await act(store, saving(by, made), async (session) => {
    if ((await store.alertInlets.countDocuments({}, { session })) >= mostInlets) throw tooMany();
    await store.alertInlets.create([made], { session }).catch(taken);
  });
  return made;
}

/** What was learnt of another address is forgotten; a look that is under way writes nothing any more. @throws LianfaError not_found, field_invalid */
export async function changeInlet(
  store: Store,
  inlet: string,
  input: InletInput,
  unit: Place,
  by: Actor,
): Promise<AlertInlet> {
  const { organization: _named, ...rest } = input;
  const before = await store.alertInlets.findById(inlet).lean();
  if (!before) throw new LianfaError('not_found', { what: inlet });
  if (before.is !== input.is) throw kept();
  const set = { ...rest, ...unit, ...(rest.enabled && { nextAt: new Date() }) };
  const forgotten = before.address === rest.address ? [] : learnt;
  const unset = Object.fromEntries(
    ['turn', ...(rest.enabled ? [] : ['nextAt']), ...forgotten].map((name) => [name, 1]),
  );
  await act(store, saving(by, { ...before, ...set }), async (session) => {
    const change = { $set: { ...set, ...(forgotten.length > 0 && { fails: 0 }) }, $unset: unset };
    await store.alertInlets.updateOne({ _id: inlet }, change, { session }).catch(taken);
  });
  return (await store.alertInlets.findById(inlet).lean()) ?? { ...before, ...set };
}

const learnt = [
  'goodAt',
  'changedAt',
  'via',
  'etag',
  'modified',
  'plainAt',
  'digest',
  'updated',
  'newest',
  'listed',
  'broken',
  'missed',
  'steppedBack',
] as const satisfies readonly (keyof AlertInlet)[];

export async function listInlets(store: Store, places: readonly string[]): Promise<AlertInlet[]> {
  const rows = await store.alertInlets.find(within<AlertInlet>(places)).lean();
  return rows.sort((one, other) => one.name.localeCompare(other.name));
}

function saving(by: Actor, { _id, organization, is, address, every, enabled }: AlertInlet): Entry {
  return {
    act: 'alert.inlet',
    outcome: 'done',
    who: by,
    unit: organization,
    on: { inlet: _id },
    after: { is, address, every, enabled, organization },
  };
}

function taken(error: unknown): never {
  if (!isDuplicate(error)) throw error;
  throw new LianfaError('field_invalid', {
    field: 'address',
    reason: { zh: '这个网址或文件夹已经在收取。', en: 'this address or folder is fetched already.' },
  });
}

function kept(): LianfaError {
  return new LianfaError('field_invalid', {
    field: 'is',
    reason: { zh: '订阅源不能改成文件夹，请另建。', en: 'a feed does not become a folder; make a new one.' },
  });
}

function tooMany(): LianfaError {
  return new LianfaError('field_invalid', {
    field: 'address',
    reason: {
      zh: `自动收取最多 ${mostInlets} 个，请先停用或改用已有的。`,
      en: `there may be ${mostInlets} of them; change one that you no longer need.`,
    },
  });
}

const kindNames = { feed: '订阅源', folder: '监视文件夹' } as const;

/** What writes a draft by itself is called by its own name, as people are. */
export async function inletNames(store: Store, ids: readonly string[]): Promise<{ id: string; displayName: string }[]> {
  const rows = await store.alertInlets.find({ _id: { $in: ids } }, { name: 1, is: 1 }).lean();
  return rows.map(({ _id, is, name }) => ({ id: _id, displayName: `${kindNames[is]}“${name}”` }));
}
