/**
 * Tells everybody who watches what changed: one query per release and window, however many watch. Whoever comes from
 * another server goes on where that one stopped: nothing is missed, and nothing is told twice.
 */
import type { Queries } from '../core/placements/queries.js';
import { isToldAt, mostIds, type ChangeFeed, type News } from '../core/queue/changes.js';

/** `text`: its data, as JSON. */
export interface LiveEvent {
  name: 'status' | 'placements' | 'release' | 'releases' | 'freezes';
  text: string;
}

export interface Viewer {
  releases: readonly string[];
  /** Hears of any release that changes. */
  list: boolean;
  /** Those that this viewer may know of. */
  known(releases: readonly string[]): Promise<string[]>;
  /** In one piece. With it everything up to that place is told. */
  hear(events: readonly LiveEvent[], place: string): void;
  /** What is to be told cannot be read: whoever comes again goes on from the last place. */
  end(): void;
}

export interface Seat {
  /** Everything up to there is told. */
  place(): string;
  leave(): void;
}

export interface Live {
  /** Tells the present state, or what was missed since that place; then every change. */
  watch(viewer: Viewer, since: string | undefined): Seat;
}

interface Changed {
  /** Undefined: too many to name. */
  ids: Set<string> | undefined;
  itself: boolean;
}

/** What happened, put together. */
interface Digest {
  releases: Map<string, Changed>;
  freezes: boolean;
}

interface Piece {
  news: readonly News[];
  /** Of it, made once for all. */
  digest: Digest;
  place: string;
  /** It is another Redis: as if all of it had changed. */
  anew?: true;
}

interface Taken {
  viewer: Viewer;
  place: string;
  /** News for it, in their order, that wait until it has been told the earlier ones. */
  waiting: Piece[];
  busy: boolean;
}

export function followChanges(
  feed: Pick<ChangeFeed, 'place' | 'follow' | 'since'>,
  queries: Pick<Queries, 'status'>,
  failed: (error: unknown) => void,
): Live {
  const seats = new Set<Taken>();
  let stop: (() => void) | undefined;
  /** Of this window: whoever asks later asks again. */
  let statuses = new Map<string, Promise<string>>();

  const readStatus = async (release: string): Promise<string> => JSON.stringify(await queries.status(release));

  function statusNow(release: string): Promise<string> {
    const known = statuses.get(release) ?? readStatus(release);
    statuses.set(release, known);
    return known;
  }

  const follower = {
    told(news: readonly News[], place: string): void {
      statuses = new Map();
      const digest = digestOf(news);
      for (const seat of seats) {
        seat.waiting.push({ news, digest, place });
        void tell(seat);
      }
    },
    anew(place: string): void {
      for (const seat of seats) {
        // What waited is in what is read then.
        seat.waiting = [{ news: [], digest: digestOf([]), place, anew: true }];
        void tell(seat);
      }
    },
  };

  /** One thing at a time, so that the order is kept. What fails sends the viewer away, to come again. */
  async function inTurn(seat: Taken, work: () => Promise<void>): Promise<void> {
    seat.busy = true;
    try {
      await work();
    } catch (error) {
      failed(error);
      if (seats.has(seat)) seat.viewer.end();
    }
    seat.busy = false;
    await tell(seat);
  }

  async function tell(seat: Taken): Promise<void> {
    if (seat.busy || seat.waiting.length === 0) return;
    const waiting = seat.waiting.splice(0);
    const place = waiting.at(-1)?.place ?? seat.place;
    await inTurn(seat, async () => {
      if (waiting.some(({ anew }) => anew)) return tellAll(seat, place);
      const events = await eventsFor(seat.viewer, togetherFor(seat.place, waiting), statusNow);
      return hear(seat, events, place);
    });
  }

  function hear(seat: Taken, events: readonly LiveEvent[], place: string): void {
    if (!seats.has(seat)) return;
    seat.place = place;
    if (events.length > 0) seat.viewer.hear(events, place);
  }

  async function tellAll(seat: Taken, place: string): Promise<void> {
    hear(seat, await everythingFor(seat.viewer, readStatus), place);
  }

  async function begin(seat: Taken, since: string | undefined, place: string): Promise<void> {
    if (since === undefined) {
      const texts = await Promise.all(seat.viewer.releases.map(readStatus));
      seat.viewer.hear(
        texts.map((text) => ({ name: 'status', text })),
        place,
      );
      return;
    }
    const missed = await feed.since(since);
    if (!missed) return tellAll(seat, place);
    hear(seat, await eventsFor(seat.viewer, digestOf(missed), readStatus), place);
    // The other server may have been ahead.
    if (missed.length === 0) seat.place = since;
  }

  return {
    watch(viewer, since) {
      stop ??= feed.follow(follower);
      const place = feed.place();
      const seat: Taken = { viewer, place, waiting: [], busy: false };
      seats.add(seat);
      void inTurn(seat, () => begin(seat, since, place));
      return {
        place: () => seat.place,
        leave() {
          seats.delete(seat);
          if (seats.size > 0) return;
          stop?.();
          stop = undefined;
        },
      };
    },
  };
}

/** Of what waits, that which is not told already at that place. */
function togetherFor(place: string, waiting: readonly Piece[]): Digest {
  const [only] = waiting;
  const [first] = only?.news ?? [];
  if (waiting.length === 1 && only && first && !isToldAt(place, first)) return only.digest;
  return digestOf(waiting.flatMap(({ news }) => news.filter((piece) => !isToldAt(place, piece))));
}

function digestOf(news: readonly News[]): Digest {
  const digest: Digest = { releases: new Map(), freezes: false };
  for (const piece of news) {
    if ('freezes' in piece) {
      digest.freezes = true;
      continue;
    }
    const { release, ids } = piece;
    const changed = digest.releases.get(release) ?? { ids: new Set<string>(), itself: false };
    digest.releases.set(release, changed);
    if (ids?.length === 0) changed.itself = true;
    if (ids === undefined || (changed.ids && changed.ids.size + ids.length > mostIds)) changed.ids = undefined;
    else for (const id of ids) changed.ids?.add(id);
  }
  return digest;
}

async function eventsFor(
  { releases, list, known }: Viewer,
  digest: Digest,
  status: (release: string) => Promise<string>,
): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for (const release of releases) {
    const changed = digest.releases.get(release);
    if (!changed) continue;
    events.push({ name: 'status', text: await status(release) });
    if (changed.itself) events.push(said('release', { release }));
    const { ids } = changed;
    if (!ids || ids.size > 0) events.push(said('placements', { release, ids: ids ? [...ids] : null }));
  }
  const ofList = list && digest.releases.size > 0 ? await listed([...digest.releases.keys()], known) : undefined;
  if (ofList) events.push(ofList);
  if (digest.freezes) events.push(said('freezes', null));
  return events;
}

async function listed(releases: string[], known: Viewer['known']): Promise<LiveEvent | undefined> {
  if (releases.length > mostIds) return said('releases', { ids: null });
  const ids = await known(releases);
  return ids.length > 0 ? said('releases', { ids }) : undefined;
}

/** As if all of it had changed. */
async function everythingFor(
  { releases, list }: Viewer,
  status: (release: string) => Promise<string>,
): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for (const release of releases)
    events.push(
      { name: 'status', text: await status(release) },
      said('release', { release }),
      said('placements', { release, ids: null }),
    );
  if (list) events.push(said('releases', { ids: null }));
  return [...events, said('freezes', null)];
}

function said(name: LiveEvent['name'], data: unknown): LiveEvent {
  return { name, text: JSON.stringify(data) };
}
