/**
 * Every key in Redis, and which of them lie together. On a single server all lie under one hash tag. In a cluster what is
 * decided together does, and no more: a placement's claim with its stream, run and freezes in the shard of its account; a
 * channel's queues and its counters under its name; what it remembers in any shard; the rest, of which there is little, under the hub's.
 */
import calculateSlot from 'cluster-key-slot';
import { partsOf, type Lane } from '../model/placement.js';
import { isClusterUrl } from './place.js';

/** What of the settings makes the name of a key. */
export interface KeySettings {
  url: string;
  prefix: string;
}

/** Slots of every cluster. */
const slots = 16_384;

/** Shards of a cluster: so many that three to six masters bear the same, so few that a batch's claims are few commands. */
const inCluster = 6;

function shardCount({ url }: Pick<KeySettings, 'url'>): number {
  return isClusterUrl(url) ? inCluster : 1;
}

/** All shards, by number. */
export function shardsOf(settings: Pick<KeySettings, 'url'>): number[] {
  return Array.from({ length: shardCount(settings) }, (_, shard) => shard);
}

/** The account decides, whatever the channel: one large channel is spread as well as four small ones. */
export function shardOf(settings: Pick<KeySettings, 'url'>, placement: string): number {
  return shardOfName(settings, partsOf(placement)[1]);
}

function shardOfName(settings: Pick<KeySettings, 'url'>, name: string): number {
  const count = shardCount(settings);
  return count === 1 ? 0 : Math.floor((calculateSlot(name) * count) / slots);
}

const known = new Map<string, string[]>();

/** Tags that lie as far apart as slots do, so that masters which share the slots evenly share the work. */
function shardTags(prefix: string): string[] {
  const found = known.get(prefix) ?? Array.from({ length: inCluster }, (_, shard) => tagNear(prefix, shard));
  known.set(prefix, found);
  return found;
}

function tagNear(prefix: string, shard: number): string {
  for (let n = 0; ; n += 1) {
    const tag = `${prefix}:${shard}-${n}`;
    const place = (calculateSlot(tag) * inCluster) / slots - shard;
    if (place > 0.25 && place < 0.75) return tag;
  }
}

/** A key under the hub's own tag. */
export function redisKey({ prefix }: Pick<KeySettings, 'prefix'>, ...parts: string[]): string {
  return [`{${prefix}}`, ...parts].join(':');
}

export function shardKey(settings: KeySettings, shard: number, ...parts: string[]): string {
  if (!isClusterUrl(settings.url)) return redisKey(settings, ...parts);
  return [`{${shardTags(settings.prefix)[shard] ?? ''}}`, ...parts].join(':');
}

export function channelKey(settings: KeySettings, channel: string, ...parts: string[]): string {
  return [queuePrefix(settings, channel), ...parts].join(':');
}

/** What a channel remembers, each thing by itself: so much of it that the names of channels must not decide which master has it. */
export function memoryKey(settings: KeySettings, channel: string, key: string): string {
  return shardKey(settings, shardOfName(settings, key), 'memory', channel, key);
}

/** Under which BullMQ keeps a queue of that channel; without one, of the hub. */
export function queuePrefix({ url, prefix }: KeySettings, channel?: string): string {
  return channel === undefined || !isClusterUrl(url) ? `{${prefix}}` : `{${prefix}:${channel}}`;
}

/** Claims of a release in a shard, by account. */
export function claimsOf(settings: KeySettings, shard: number, release: string): string {
  return shardKey(settings, shard, 'claims', release);
}

/** Where the claim of a placement lies. */
export function claimsKey(settings: KeySettings, placement: string): string {
  return claimsOf(settings, shardOf(settings, placement), partsOf(placement)[0]);
}

/** Where what happens is written for record: each lane by itself, so that no emergency's outcome stands behind routine ones. */
export function streamKey(settings: KeySettings, shard: number, lane: Lane): string {
  return lane === 'routine' ? shardKey(settings, shard, 'events') : shardKey(settings, shard, 'events', lane);
}

/** Which Redis this is: see run.ts. */
export function epochKey(settings: KeySettings, shard: number): string {
  return shardKey(settings, shard, 'epoch');
}

/** The version of the freezes: see freeze-version.ts. */
export function freezeKey(settings: KeySettings, shard: number): string {
  return shardKey(settings, shard, 'freezes');
}

/** Freezes that no ledger holds yet, by their ids; under the empty one the edition. In each shard, for its door. */
export function unwrittenKey(settings: KeySettings, shard: number): string {
  return shardKey(settings, shard, 'freezes', 'unwritten');
}

/** What a script that changes the freezes of a shard is given, in this order: their version, the run, the unwritten ones. */
export function freezeKeys(settings: KeySettings, shard: number): [string, string, string] {
  return [freezeKey(settings, shard), epochKey(settings, shard), unwrittenKey(settings, shard)];
}
