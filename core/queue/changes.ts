/**
 * News for the screens: which releases, and which of their deliveries, changed; the numbers themselves are always queried.
 * They are kept for a while in a stream of Redis, so that whoever follows them by one server goes on by another where it
 * stopped: a place in the news is the same at every server.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RedisClient, RedisSettings } from './connection.js';
import { redisKey } from './keys.js';
import { openRun } from './run.js';

/** Without `ids`, too many changed to name; with none of them, the release itself did (it was signed). */
export interface Change {
  release: string;
  ids: string[] | undefined;
}

/** `freezes`: something was frozen or thawed, or its thaw asked for. */
export type News = { id: string } & (Change | { freezes: true });

/** More rows than this are not named; whoever looks loads anew. */
export const mostIds = 200;

/** Entries kept, for whoever comes back: minutes of a busy broadcast. Who was away for longer is told everything. */
const kept = 2_000;

/** Milliseconds of news that are told together, by Redis' clock: at most four times a second, and the same at every server. */
const windowLength = 250;

/** Longest wait for news, ms; so long a Redis that took over may go unnoticed. */
const longestWait = 1_000;

const streamOf = (settings: RedisSettings): string => redisKey(settings, 'changes');

export async function announce(redis: RedisClient, settings: RedisSettings, changes: readonly Change[]): Promise<void> {
  await Promise.all(
    changes.map(({ release, ids }) =>
      add(redis, settings, 'release', release, ...(ids && ids.length <= mostIds ? ['ids', ids.join(' ')] : [])),
    ),
  );
}

export async function announceFreezes(redis: RedisClient, settings: RedisSettings): Promise<void> {
  await add(redis, settings, 'freezes', '');
}

function add(redis: RedisClient, settings: RedisSettings, ...fields: string[]): Promise<string | null> {
  return redis.xadd(streamOf(settings), 'MAXLEN', '~', kept, '*', ...fields);
}

export interface Follower {
  /** All that happened in one window, in its order; `at` is the place behind it. */
  told(news: readonly News[], at: string): void;
  /** It is another Redis, which may not know of what the last one was told: everything may have changed. */
  anew(at: string): void;
}

export interface ChangeFeed {
  /** How far the followers have been told. */
  place(): string;
  /** From `place()` on. Returns how to stop. */
  follow(follower: Follower): () => void;
  /**
   * What happened after `from` and up to `place()`: nothing where another server was ahead of this one. Undefined where it
   * is no place, or nobody knows any more what came after it.
   */
  since(from: string): Promise<News[] | undefined>;
  close(): Promise<void>;
}

interface Place {
  entry: string;
  /** Of which Redis. */
  run: string;
}

/** `listener` must be a connection of its own: it waits. Resolves when Redis has answered. */
export async function openChangeFeed(
  listener: RedisClient,
  redis: RedisClient,
  settings: RedisSettings,
  report: (error: unknown) => void,
): Promise<ChangeFeed> {
  const stream = streamOf(settings);
  const followers = new Set<Follower>();
  const askRun = openRun(listener, settings);
  const runNow = async (): Promise<string> =>
    createHash('sha256')
      .update(await askRun())
      .digest('hex')
      .slice(0, 12);
  let open = true;
  let here: Place = await newest();

  /** There is always an entry: a place is known by it. */
  async function newest(): Promise<Place> {
    const run = await runNow();
    const [last] = await listener.xrevrange(stream, '+', '-', 'COUNT', 1);
    return { entry: last?.[0] ?? (await add(listener, settings, 'begins', '')) ?? '0-0', run };
  }

  async function everythingAnew(): Promise<void> {
    here = await newest();
    for (const follower of followers) follower.anew(written(here));
  }

  async function once(): Promise<void> {
    if ((await runNow()) !== here.run) await everythingAnew();
    const answer = await listener.xread('COUNT', 1, 'BLOCK', longestWait, 'STREAMS', stream, here.entry);
    const first = answer?.[0]?.[1][0]?.[0];
    if (first === undefined) return;
    const end = (Math.floor(momentOf(first) / windowLength) + 1) * windowLength;
    // When it was met Redis' clock was past its moment, so afterwards the window is over there too.
    await pause(end - momentOf(first));
    const [known, ...entries] = await listener.xrange(stream, here.entry, String(end - 1));
    // Whoever stood still while so much was told that the place is gone cannot know what went by.
    if (known?.[0] !== here.entry) return everythingAnew();
    const last = entries.at(-1);
    if (!last) return;
    here = { ...here, entry: last[0] };
    const news = entries.flatMap(newsOf);
    if (news.length > 0) for (const follower of followers) follower.told(news, written(here));
  }

  async function run(): Promise<void> {
    while (open)
      await once().catch(async (error: unknown) => {
        if (!open) return;
        report(error);
        await pause(500);
      });
  }

  const running = run();
  return {
    place: () => written(here),
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    async since(from) {
      const [until, place] = [here, readPlace(from)];
      if (place?.run !== until.run) return undefined;
      const ahead = isBehind(until.entry, place.entry);
      const entries = await redis.xrange(stream, place.entry, ahead ? place.entry : until.entry);
      return entries[0]?.[0] === place.entry ? entries.slice(1).flatMap(newsOf) : undefined;
    },
    async close() {
      open = false;
      listener.disconnect();
      await running;
    },
  };
}

/** Whether news is told already where that place was reached. */
export function isToldAt(place: string, { id }: News): boolean {
  const entry = readPlace(place)?.entry;
  return entry !== undefined && !isBehind(entry, id);
}

function written({ entry, run }: Place): string {
  return `${entry}-${run}`;
}

function readPlace(text: string): Place | undefined {
  const [, entry, run] = /^(\d{1,15}-\d{1,15})-([0-9a-f]{12})$/.exec(text) ?? [];
  return entry === undefined || run === undefined ? undefined : { entry, run };
}

function isBehind(one: string, other: string): boolean {
  return momentOf(one) < momentOf(other) || (momentOf(one) === momentOf(other) && numberOf(one) < numberOf(other));
}

/** Milliseconds since 1970, by Redis' clock. */
function momentOf(entry: string): number {
  return Number(entry.split('-')[0]);
}

function numberOf(entry: string): number {
  return Number(entry.split('-')[1]);
}

/** Only the hub writes here, so its own words are not checked again. */
function newsOf([id, fields]: [string, string[]]): News[] {
  const [name, value = '', , ids] = fields;
  if (name === 'freezes') return [{ id, freezes: true }];
  if (name !== 'release') return [];
  return [{ id, release: value, ids: ids?.split(' ').filter(Boolean) }];
}
