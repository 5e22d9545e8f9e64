/** Somebody who follows the event stream through the load balancer, and what of the news was told to them, or not, or twice. */
import { setTimeout as pause } from 'node:timers/promises';
import { mostIds, type News } from '../core/queue/changes.js';

/** What was told of a release up to a place, in one piece. */
interface Told {
  place: string;
  ids: string[] | null;
}

export interface Viewer {
  /** How often the stream was opened. */
  opened(): number;
  /** Answers that were no stream. */
  refused(): number;
  /** Up to where it has been told. */
  place(): string;
  /** Against all the news there were of the release it watches. */
  judged(news: readonly News[]): { missed: number; twice: number; whole: number };
  close(): Promise<void>;
}

/** As a browser does: it comes again by itself, with the last id, after the time it was told. */
export function openViewer(url: string, release: string, key: string): Viewer {
  const stop = new AbortController();
  const all: Told[] = [];
  let [place, wait, opened, refused] = ['', 1_000, 0, 0];
  let first = '';

  function hear(block: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
    wait = Number(field('retry') ?? wait);
    const [name, id, data] = [field('event'), field('id'), field('data')];
    if (name === 'placements' && data !== undefined) {
      const { ids } = JSON.parse(data) as { ids: string[] | null };
      all.push({ place: '', ids });
    }
    if (id === undefined || id === '') return;
    place = id;
    first ||= id;
    for (const told of all) told.place ||= id;
  }

  async function once(): Promise<void> {
    const headers = { authorization: `Bearer ${key}`, ...(place !== '' && { 'last-event-id': place }) };
    const answer = await fetch(`${url}/api/v1/events?release=${release}`, { headers, signal: stop.signal });
    if (answer.status !== 200 || !answer.body) {
      refused += 1;
      return;
    }
    opened += 1;
    let text = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = `${text}${piece}`.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) hear(block);
    }
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await once().catch(() => undefined);
      await pause(wait, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    opened: () => opened,
    refused: () => refused,
    place: () => place,
    judged: (news) => judgement(all, first, news),
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** Each piece against the news between the place before it and its own: no more and no less. */
function judgement(all: readonly Told[], first: string, news: readonly News[]): ReturnType<Viewer['judged']> {
  const count = { missed: 0, twice: 0, whole: 0 };
  let from = first;
  for (const { place, ids } of [...all, { place: '', ids: [] }]) {
    const until = place === '' ? undefined : place;
    const wanted = idsBetween(news, from, until);
    if (ids === null && wanted !== null) count.whole += 1;
    else if (ids !== null && wanted === null) count.missed += 1;
    else if (ids !== null && wanted !== null) {
      count.missed += [...wanted].filter((id) => !ids.includes(id)).length;
      count.twice += ids.filter((id) => !wanted.has(id)).length;
    }
    from = until ?? from;
  }
  return count;
}

/** Null: too many to name. */
function idsBetween(news: readonly News[], from: string, until: string | undefined): Set<string> | null {
  const ids = new Set<string>();
  for (const piece of news) {
    if (!('release' in piece) || !isAfter(piece.id, from) || (until !== undefined && isAfter(piece.id, until)))
      continue;
    if (piece.ids === undefined || ids.size + piece.ids.length > mostIds) return null;
    for (const id of piece.ids) ids.add(id);
  }
  return ids;
}

function isAfter(one: string, other: string): boolean {
  const [a = [], b = []] = [one, other].map((text) => text.split('-').slice(0, 2).map(Number));
  return (a[0] ?? 0) > (b[0] ?? 0) || (a[0] === b[0] && (a[1] ?? 0) > (b[1] ?? 0));
}
