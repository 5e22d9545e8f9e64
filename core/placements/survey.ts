/** What an audience holds at the moment of signing: which accounts, and every rendition that they will show. */
import type { AccountProfile, Channel } from '../../channels/channel.js';
import { profileOf } from '../accounts/open.js';
import { LianfaError } from '../errors.js';
import type { AccountRow } from '../model/account.js';
import { renditionFor, renditionHash, renditionKey, type Text } from '../signatures/renditions.js';
import type { Store } from '../store/store.js';
import { pagesOf, type Selection } from './selection.js';

export interface SurveyMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  config: { channelFolders: readonly string[] };
}

export interface Survey {
  /** Ids of the accounts, ascending. */
  accounts: string[];
  /** How many accounts it went through, beside them too. */
  reached: number;
  /** Units whose accounts those are. */
  units: ReadonlySet<string>;
  /** The first of them that is a real account, not one for exercises. */
  real: string | undefined;
  /** By channel, hashes of the different renditions, ascending. */
  renditions: Record<string, string[]>;
}

const pageSize = 1_000;

/**
 * Goes through the accounts of the selection, and beside them through `also` (where the release went before). Without a text
 * nothing is rendered. An account whose settings no longer fit, or of which nothing can be rendered, has no rendition
 * here, so nothing will be sent there on this signature.
 * @throws LianfaError documents_waiting
 */
export async function survey(
  means: SurveyMeans,
  selection: Selection | undefined,
  text: Text | undefined,
  also: Iterable<string> = [],
): Promise<Survey> {
  const made = renditionsOf(means, text);
  const accounts: string[] = [];
  const units = new Set<string>();
  let reached = 0;
  let real: string | undefined;
  const meet = async (page: readonly Surveyed[]): Promise<void> => {
    reached += page.length;
    for (const { organization } of page) units.add(organization);
    real ??= page.find(({ exercise }) => !exercise)?.name;
    await made.add(page);
  };
  if (selection)
    for await (const page of pagesOf(means.store, selection, columns)) {
      const held = page.filter((row) => selection.standing(row) === 'in');
      await meet(held);
      accounts.push(...held.map(({ _id }) => _id));
    }
  if (text) {
    const held = new Set(accounts);
    const others = [...new Set(also)].filter((id) => !held.has(id));
    for (let at = 0; at < others.length; at += pageSize)
      for await (const page of pagesOf(
        means.store,
        { filter: { _id: { $in: others.slice(at, at + pageSize) } } },
        columns,
      ))
        await meet(page);
  }
  return { accounts, reached, units, real, renditions: made.all() };
}

const columns = ['channel', 'name', 'organization', 'settings', 'exercise'] as const;
type Surveyed = Pick<AccountRow, '_id' | 'region' | (typeof columns)[number]>;

interface Renditions {
  add(rows: readonly Surveyed[]): Promise<void>;
  all(): Record<string, string[]>;
}

/** One of each kind is rendered: accounts with the same key show the same. */
function renditionsOf({ store, channels, config }: SurveyMeans, text: Text | undefined): Renditions {
  const units = new Map<string, string>();
  const seen = new Set<string>();
  const hashes = new Map<string, Set<string>>();

  async function learnUnits(rows: readonly Surveyed[]): Promise<void> {
    const missing = [...new Set(rows.map(({ organization }) => organization))].filter((id) => !units.has(id));
    if (missing.length === 0) return;
    const found = await store.organizations.find({ _id: { $in: missing } }, { name: 1 }).lean();
    const names = new Map(found.map(({ _id, name }) => [_id, name]));
    for (const id of missing) units.set(id, names.get(id) ?? id);
  }

  async function addOne(row: Surveyed): Promise<void> {
    const channel = channels.get(row.channel);
    const profile = channel && profileWhereFit(channel, row, units.get(row.organization) ?? row.organization);
    if (!channel || !profile || !text) return;
    const key = `${channel.name} ${renditionKey(channel, profile)}`;
    if (seen.has(key)) return;
    seen.add(key);
    const rendition = await renditionFor(channel, text, profile, config.channelFolders).catch(unlessUnfit);
    if (!rendition) return;
    const those = hashes.get(channel.name) ?? new Set();
    hashes.set(channel.name, those.add(renditionHash(rendition)));
  }

  return {
    async add(rows) {
      if (!text) return;
      await learnUnits(rows);
      for (const row of rows) await addOne(row);
    },
    all: () => Object.fromEntries(Array.from(hashes, ([channel, those]) => [channel, [...those].sort()])),
  };
}

function profileWhereFit(channel: Channel, row: Surveyed, unit: string): AccountProfile<unknown> | undefined {
  try {
    return profileOf(channel, row, unit);
  } catch {
    return undefined;
  }
}

/** What takes too long is told at publishing, by account; a full queue of threads is tried again by whoever signs. */
function unlessUnfit(error: unknown): undefined {
  if (error instanceof LianfaError && error.code !== 'documents_waiting') return undefined;
  throw error;
}
