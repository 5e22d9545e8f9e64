/**
 * What an audience reaches and what it does not, before anything is signed: one walk over its accounts, by pages, in which
 * every kind of gap looks on. Kept in memory: a page of accounts, ids of units, the first gaps of each kind.
 */
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { shapesOf } from '../geography/shape.js';
import { regionRange, within } from '../model/organization.js';
import { pagesOf, selectionOf } from '../placements/selection.js';
import { breathe } from '../tables/table.js';
import { columns, isReached, type Asked, type Finder, type Gap, type GapKind, type SeenAccount } from './gap.js';
import { gapKinds } from './kinds.js';

/** Gaps of each kind that are told with the numbers; the others by page. */
export const firstPage = 20;

export interface SurveyAsked extends Pick<Asked, 'store' | 'channels' | 'audience' | 'areas' | 'place' | 'now'> {
  /** Paths of units that whoever asks may see. */
  places: readonly string[];
}

export interface Reached {
  total: number;
  byChannel: Record<string, number>;
  byRegion: { region: string; total: number; byChannel: Record<string, number> }[];
  /** One for each code given, in that order; one of an unknown code has no accounts. */
  codes: { code: string; accounts: number }[];
  shapes: { pairs: number; crosses?: { lat: number; lon: number } }[];
  /** Accounts left out by name. */
  excepted: number;
  /** Where both codes and shapes are named: by each alone, together, and which of it counts. */
  both?: { byShape: number; byCode: number; together: number; rule: Said };
}

export interface Survey extends Reached {
  gaps: { kind: string; said: Said; count: number; items: Gap[] }[];
}

/** @throws LianfaError account_unknown */
export async function surveyAudience(given: SurveyAsked, kinds: readonly GapKind[] = gapKinds): Promise<Survey> {
  const asked = await askedOf(given);
  const tally = new Tally(asked);
  const lists = kinds.map(({ kind, said }) => ({ kind, said, count: 0, items: [] as Gap[] }));
  await walk(asked, kinds, {
    page: (page) => {
      tally.add(page);
    },
    found: (place, gap) => {
      const list = lists[place];
      if (!list) return true;
      list.count += 1;
      if (list.items.length < firstPage) list.items.push(gap);
      return true;
    },
  });
  return { ...tally.told(), gaps: lists };
}

/** Gaps of one kind, from the one with the number `from`. @throws LianfaError not_found, account_unknown */
export async function gapsOf(
  given: SurveyAsked,
  { kind, from, limit }: { kind: string; from: number; limit: number },
  kinds: readonly GapKind[] = gapKinds,
): Promise<{ items: Gap[]; next?: number }> {
  const wanted = kinds.find((one) => one.kind === kind);
  if (!wanted) throw new LianfaError('not_found', { what: kind });
  const items: Gap[] = [];
  let at = 0;
  await walk(await askedOf(given), [wanted], {
    page: () => undefined,
    found: (_, gap) => {
      if (at++ >= from) items.push(gap);
      return items.length <= limit;
    },
  });
  return items.length > limit ? { items: items.slice(0, limit), next: from + limit } : { items };
}

async function askedOf({ places, ...given }: SurveyAsked): Promise<Asked> {
  const selection = await selectionOf(given.store, given.audience, given.place, 'whole');
  return { ...given, selection, seen: within(places) };
}

interface Listener {
  page(page: readonly SeenAccount[]): void;
  /** The kind by its place in the list. Whether to go on. */
  found(place: number, gap: Gap): boolean;
}

async function walk(asked: Asked, kinds: readonly GapKind[], listener: Listener): Promise<void> {
  const { store, selection, seen } = asked;
  const finders: Finder[] = await Promise.all(kinds.map((kind) => kind.open(asked)));
  const filter = { $and: [seen, selection.filter] };
  for await (const rows of pagesOf<(typeof columns)[number]>(store, { filter }, columns)) {
    const page = rows.map((row): SeenAccount => ({ ...row, standing: selection.standing(row) }));
    listener.page(page);
    for (const [place, finder] of finders.entries())
      for (const gap of (await finder.see?.(page)) ?? []) if (!listener.found(place, gap)) return;
    await breathe();
  }
  for (const [place, finder] of finders.entries())
    for await (const gap of finder.end?.() ?? []) if (!listener.found(place, gap)) return;
}

/** Counts what is reached. */
class Tally {
  readonly #asked: Asked;
  readonly #regions = new Map<string, Record<string, number>>();
  readonly #both = { byShape: 0, byCode: 0 };
  #excepted = 0;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  add(page: readonly SeenAccount[]): void {
    const { parts } = this.#asked.selection;
    for (const row of page) {
      if (row.enabled && row.standing === 'excepted') this.#excepted += 1;
      if (!isReached(row)) continue;
      const channels = this.#regions.get(row.region) ?? {};
      channels[row.channel] = (channels[row.channel] ?? 0) + 1;
      this.#regions.set(row.region, channels);
      if (parts?.shape(row) === 'in') this.#both.byShape += 1;
      if (parts?.code(row)) this.#both.byCode += 1;
    }
  }

  told(): Reached {
    const { audience } = this.#asked;
    const byRegion = [...this.#regions]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([region, byChannel]) => ({ region, total: sumOf(byChannel), byChannel }));
    const byChannel: Record<string, number> = {};
    for (const region of byRegion)
      for (const [channel, count] of Object.entries(region.byChannel))
        byChannel[channel] = (byChannel[channel] ?? 0) + count;
    const shapes = shapesOf(audience);
    const together = sumOf(byChannel);
    return {
      total: together,
      byChannel,
      byRegion,
      codes: (audience.regions ?? []).map((code) => ({ code, accounts: accountsIn(byRegion, code) })),
      shapes: shapes.map((shape) => {
        const crosses = shape.crossing();
        return { pairs: shape.pairs, ...(crosses && { crosses }) };
      }),
      excepted: this.#excepted,
      ...(shapes.length > 0 && audience.regions?.length && { both: { ...this.#both, together, rule } }),
    };
  }
}

function accountsIn(byRegion: Reached['byRegion'], code: string): number {
  const { $gte, $lte } = regionRange(code);
  return byRegion.reduce((sum, { region, total }) => (region >= $gte && region <= $lte ? sum + total : sum), 0);
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const rule: Said = {
  zh: '区划代码与图形合在一起算：在任一代码的地区内，或在任一图形内的账号，都会收到。只要图形的，请去掉代码。',
  en: 'Codes and shapes count together: an account is reached whose unit lies in any of the regions or in any of the shapes. To reach the shapes alone, take the codes out.',
};
