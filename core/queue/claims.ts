/**
 * One holder at a time of each placement, and the door. A claim says who is at a placement, what may have left under
 * claims that never ended, and how many outcomes are still on their way into the ledger; its fence is the newest order
 * anybody knows of. The scripts decide as `claimVerdict` and `doorVerdict` of core/placements/protocol.ts do (a test
 * holds them to that). All claims of a release are one hash
 * (of each shard, in a cluster): a key for each would cost Redis twice as much.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { format } from '../format.js';
import { grouped } from '../grouped.js';
import { partsOf, placementId, type Lane, type PlacementEvent } from '../model/placement.js';
import type { RedisClient, RedisSettings } from './connection.js';
import { claimsKey, claimsOf, epochKey, freezeKey, shardOf, shardsOf, streamKey } from './keys.js';
import { freezesScript } from './freeze-version.js';
import { runScript } from './run.js';
import { editionFor } from './unwritten-freezes.js';

export interface ClaimRequest {
  placement: string;
  seq: number;
}

/** What a granted claim was before; `known` is false where there never was one. */
export interface Granted {
  verdict: 'granted';
  known: boolean;
  pending: number;
  left: number[];
  /** Nothing that left under an earlier claim can be under way after this. */
  until: Date;
  /** The Redis that granted it. */
  run: string;
}
/** `older`: whoever holds it is at an older order. */
export type ClaimAnswer = Granted | { verdict: 'busy'; older: boolean } | { verdict: 'overtaken' };

export interface DoorRequest {
  placement: string;
  token: string;
  seq: number;
  /** The Redis run under which it was claimed. */
  run: string;
  /** The version of the freezes and the edition of the unwritten ones that the asker has loaded, and whether by those it is frozen. */
  freezes: number;
  edition: string;
  frozen: boolean;
  /** From this instant on nothing of it leaves, milliseconds since 1970, by Redis' clock. */
  until?: number | undefined;
}
/**
 * `called_off`: the whole release was withdrawn by a later order, which is on its way to the placement.
 * `stale`: the freezes are others than the asker knows, so the ledger is to be read before anything leaves.
 */
export type DoorAnswer = 'open' | 'lost' | 'overtaken' | 'called_off' | 'run' | 'expired' | 'stale' | 'frozen';

export interface Told {
  placement: string;
  event: PlacementEvent;
}

/** What a holder says. With `closes` its claim ends: these orders have left nothing that is not told, and after `settle` seconds nothing of it is under way: less than 0 where that is past already. */
export interface Outcome extends Told {
  token: string;
  ends?: { closes: readonly number[]; settle: number };
}

export interface ClaimBook {
  /** The same book, whose words go to this lane's stream. */
  on(lane: Lane): ClaimBook;
  /** Asks for many placements at once; `lease` in seconds. Raises their fences. In the same step `sending` is written to the stream for those granted. */
  claim(token: string, requests: readonly ClaimRequest[], lease: number, at: Date): Promise<ClaimAnswer[]>;
  /** Those that are asked within one turn of the loop, or while a look is under way, go as one. An open door leaves the claim `lease` seconds from now. */
  door(request: DoorRequest, lease: number): Promise<DoorAnswer>;
  renew(token: string, placements: readonly string[], lease: number): Promise<void>;
  /** Raises fences, so that nothing older leaves any more. */
  fence(requests: readonly ClaimRequest[]): Promise<void>;
  /** From now on nothing of the release leaves that was ordered before `seq`, wherever it is on its way to, also what is put on an account only later. */
  callOff(release: string, seq: number): Promise<void>;
  /** Outcomes still on their way into the ledger, by placement. */
  pending(placements: readonly string[]): Promise<number[]>;
  /** Writes to the stream what holders say and ends claims, in one step. */
  say(outcomes: readonly Outcome[]): Promise<void>;
  /** Writes to the stream what others than holders know: readings, people, callbacks, the clock. */
  tell(events: readonly Told[]): Promise<void>;
  /** Takes off the claim what may have left, on a person's word. Answers the Redis run. */
  forget(placement: string): Promise<string>;
  /** Gives claims back without a word: nothing was done. */
  release(token: string, placements: readonly string[]): Promise<void>;
}

/** Seconds. Longer than any placement may wait by itself. */
const keep = 30 * 24 * 3600;

/** The field of a release's claims that holds the newest order which ends it everywhere; no account's id. */
const calledOff = '*';

// What a script is given for each placement comes as one JSON text: to Redis an argument costs more than its bytes, and
// to Lua a pattern more than a list. A claim is `fence|token|until|pending|left,left|order of the holder`.
const shared = `
local function parse(text)
  if not text then return nil end
  local fence, token, till, pending, left, seq = string.match(text, '^(%d+)|([^|]*)|(%d+)|(%d+)|([%d,]*)|(%d+)$')
  return { fence = tonumber(fence), token = token, till = tonumber(till), pending = tonumber(pending), left = left, seq = tonumber(seq) }
end
local function write(claim)
  return string.format('%d|%s|%d|%d|%s|%d', claim.fence, claim.token, claim.till, claim.pending, claim.left, claim.seq)
end
local function fresh(seq) return { fence = seq, token = '', till = 0, pending = 0, left = '', seq = 0 } end
local function with(left, seq)
  if string.find(',' .. left .. ',', ',' .. seq .. ',', 1, true) then return left end
  if left == '' then return tostring(seq) end
  return left .. ',' .. seq
end
local function without(left, seqs)
  local rest = {}
  for seq in string.gmatch(left, '%d+') do
    local gone = false
    for _, each in ipairs(seqs) do if each == tonumber(seq) then gone = true end end
    if not gone then rest[#rest + 1] = seq end
  end
  return table.concat(rest, ',')
end
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
${runScript}`;

// KEYS: stream, claims of a release, epoch. ARGV: token, lease ms, keep s, accounts, seqs, the event's start, release.
const claimScript = `${shared}
local accounts, seqs = cjson.decode(ARGV[4]), cjson.decode(ARGV[5])
local held = redis.call('HMGET', KEYS[2], unpack(accounts))
local answer = { runOf(KEYS[3]) }
local set, granted, mine = {}, {}, {}
for i, account in ipairs(accounts) do
  local claim, seq = parse(held[i]), seqs[i]
  if mine[account] then answer[i + 1] = 'busy'
  elseif claim and claim.fence > seq then answer[i + 1] = 'overtaken'
  elseif claim and claim.token ~= '' and claim.till > ms then
    answer[i + 1] = claim.seq < seq and 'older' or 'busy'
  else
    answer[i + 1] = claim and string.format('1|%d|%d|%s', claim.pending, claim.till, claim.left) or '0|0|0|'
    claim = claim or fresh(seq)
    claim.fence, claim.token, claim.till, claim.seq = seq, ARGV[1], ms + ARGV[2], seq
    mine[account] = true
    set[#set + 1] = account
    set[#set + 1] = write(claim)
    granted[#granted + 1] = seq
    granted[#granted + 1] = account
  end
end
if #set > 0 then
  redis.call('HSET', KEYS[2], unpack(set))
  redis.call('EXPIRE', KEYS[2], ARGV[3])
  redis.call('XADD', KEYS[1], '*', 'claim', ARGV[6], 'release', ARGV[7], 'of', table.concat(granted, ' '), 'format', ${format})
end
return answer`;

// KEYS: claims of a release, epoch, freezes. ARGV: lease ms, accounts, tokens, seqs, runs, versions of the freezes, whether frozen, until when it may leave (false: at any time), editions of the unwritten freezes.
const doorScript = `${shared}${freezesScript}
local accounts, tokens, seqs, runs = cjson.decode(ARGV[2]), cjson.decode(ARGV[3]), cjson.decode(ARGV[4]), cjson.decode(ARGV[5])
local versions, frozen, ends, editions = cjson.decode(ARGV[6]), cjson.decode(ARGV[7]), cjson.decode(ARGV[8]), cjson.decode(ARGV[9])
local held = redis.call('HMGET', KEYS[1], unpack(accounts))
local off = tonumber(redis.call('HGET', KEYS[1], '${calledOff}') or '0')
local run = runOf(KEYS[2])
local version, edition = freezesOf(KEYS[3], run)
local answer, set = {}, {}
for i, account in ipairs(accounts) do
  local claim = parse(held[i])
  if not claim or claim.token ~= tokens[i] or claim.till <= ms then answer[i] = 'lost'
  elseif claim.fence ~= seqs[i] then answer[i] = 'overtaken'
  elseif off > seqs[i] then answer[i] = 'called_off'
  elseif run ~= runs[i] then answer[i] = 'run'
  elseif ends[i] and ends[i] <= ms then answer[i] = 'expired'
  elseif version ~= versions[i] or edition ~= editions[i] then answer[i] = 'stale'
  elseif frozen[i] then answer[i] = 'frozen'
  else
    answer[i] = 'open'
    -- From now on something of this order may have left. It is written each time: a master that was replaced is refused that.
    claim.left, claim.till = with(claim.left, seqs[i]), ms + ARGV[1]
    set[#set + 1] = account
    set[#set + 1] = write(claim)
  end
end
if #set > 0 then redis.call('HSET', KEYS[1], unpack(set)) end
return answer`;

// KEYS: claims of a release. ARGV: token, lease ms, accounts.
const renewScript = `${shared}
for _, account in ipairs(cjson.decode(ARGV[3])) do
  local claim = parse(redis.call('HGET', KEYS[1], account))
  if claim and claim.token == ARGV[1] and claim.till > ms then
    claim.till = ms + ARGV[2]
    redis.call('HSET', KEYS[1], account, write(claim))
  end
end`;

// KEYS: claims of a release. ARGV: token, accounts.
const releaseScript = `${shared}
for _, account in ipairs(cjson.decode(ARGV[2])) do
  local claim = parse(redis.call('HGET', KEYS[1], account))
  if claim and claim.token == ARGV[1] then
    claim.token = ''
    redis.call('HSET', KEYS[1], account, write(claim))
  end
end`;

// KEYS: claims of a release. ARGV: keep s, accounts, seqs.
const fenceScript = `${shared}
local accounts, seqs = cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local held = redis.call('HMGET', KEYS[1], unpack(accounts))
local set = {}
for i, account in ipairs(accounts) do
  local claim = parse(held[i])
  if claim and claim.fence < seqs[i] then
    claim.fence = seqs[i]
    set[#set + 1] = account
    set[#set + 1] = write(claim)
  elseif not claim then
    set[#set + 1] = account
    set[#set + 1] = write(fresh(seqs[i]))
  end
end
if #set > 0 then
  redis.call('HSET', KEYS[1], unpack(set))
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end`;

// KEYS: claims of a release. ARGV: keep s, order.
const callOffScript = `
if tonumber(redis.call('HGET', KEYS[1], '${calledOff}') or '0') < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], '${calledOff}', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end`;

// KEYS: stream, claims of a release. ARGV: keep s, accounts, tokens, settle ms of each (false: the claim goes on), closed orders of each, the events.
const sayScript = `${shared}
local accounts, tokens, settles, closes = cjson.decode(ARGV[2]), cjson.decode(ARGV[3]), cjson.decode(ARGV[4]), cjson.decode(ARGV[5])
local held, claims, set = redis.call('HMGET', KEYS[2], unpack(accounts)), {}, {}
for i, account in ipairs(accounts) do
  local claim = claims[account] or parse(held[i]) or fresh(0)
  claims[account] = claim
  claim.pending = claim.pending + 1
  if tokens[i] ~= '' and claim.token == tokens[i] and settles[i] ~= false then
    claim.token, claim.till = '', ms + settles[i]
    claim.left = without(claim.left, closes[i])
  end
end
for account, claim in pairs(claims) do
  set[#set + 1] = account
  set[#set + 1] = write(claim)
end
redis.call('HSET', KEYS[2], unpack(set))
redis.call('EXPIRE', KEYS[2], ARGV[1])
redis.call('XADD', KEYS[1], '*', 'events', ARGV[6], 'format', ${format})`;

// KEYS: claims of a release, epoch. ARGV: account.
const forgetScript = `${shared}
local claim = parse(redis.call('HGET', KEYS[1], ARGV[1]))
if claim then
  claim.left, claim.till = '', claim.token == '' and 0 or claim.till
  redis.call('HSET', KEYS[1], ARGV[1], write(claim))
end
return runOf(KEYS[2])`;

type Scripted = RedisClient & {
  lianfaClaim(...rest: (string | number)[]): Promise<string[]>;
  lianfaDoor(...rest: (string | number)[]): Promise<DoorAnswer[]>;
  lianfaRenew(...rest: (string | number)[]): Promise<void>;
  lianfaRelease(...rest: (string | number)[]): Promise<void>;
  lianfaFence(...rest: (string | number)[]): Promise<void>;
  lianfaCallOff(...rest: (string | number)[]): Promise<void>;
  lianfaSay(...rest: (string | number)[]): Promise<void>;
  lianfaForget(...rest: (string | number)[]): Promise<string>;
};

function scripted(redis: RedisClient): Scripted {
  redis.defineCommand('lianfaClaim', { lua: claimScript, numberOfKeys: 3 });
  redis.defineCommand('lianfaDoor', { lua: doorScript, numberOfKeys: 3 });
  redis.defineCommand('lianfaRenew', { lua: renewScript, numberOfKeys: 1 });
  redis.defineCommand('lianfaRelease', { lua: releaseScript, numberOfKeys: 1 });
  redis.defineCommand('lianfaFence', { lua: fenceScript, numberOfKeys: 1 });
  redis.defineCommand('lianfaCallOff', { lua: callOffScript, numberOfKeys: 1 });
  redis.defineCommand('lianfaSay', { lua: sayScript, numberOfKeys: 2 });
  redis.defineCommand('lianfaForget', { lua: forgetScript, numberOfKeys: 2 });
  return redis as Scripted;
}

const releaseOf = (placement: string): string => partsOf(placement)[0];
const accountOf = (placement: string): string => partsOf(placement)[1];
const listed = <T>(items: readonly T[], pick: (item: T) => unknown): string => JSON.stringify(items.map(pick));

const placementOf = (item: string | { placement: string }): string =>
  typeof item === 'string' ? item : item.placement;

interface Asked {
  request: DoorRequest;
  lease: number;
  done: (answer: DoorAnswer) => void;
  fail: (error: unknown) => void;
}

/** Speaks on the routine lane unless told. */
export function openClaims(connection: RedisClient, settings: RedisSettings, lane: Lane = 'routine'): ClaimBook {
  const redis = scripted(connection);
  const shards = shardsOf(settings).map((shard) => ({
    stream: streamKey(settings, shard, lane),
    epoch: epochKey(settings, shard),
    freezes: freezeKey(settings, shard),
  }));

  /** What is decided together with a placement. */
  function besides(placement: string): { stream: string; epoch: string; freezes: string } {
    const found = shards[shardOf(settings, placement)];
    if (!found) throw new Error(`no shard for ${placement}`);
    return found;
  }

  /** Those of one release and shard go together, in one hash. */
  function together<T extends string | { placement: string }>(items: readonly T[]): [string, T[]][] {
    return [...grouped<T>(items, (item) => claimsKey(settings, placementOf(item)))];
  }

  async function eachHash<T extends string | { placement: string }>(
    items: readonly T[],
    work: (claims: string, those: T[]) => Promise<void>,
  ): Promise<void> {
    await Promise.all(together(items).map(([claims, those]) => work(claims, those)));
  }

  async function claimAll(
    claims: string,
    token: string,
    asked: readonly ClaimRequest[],
    lease: number,
    at: Date,
  ): Promise<string[]> {
    const first = asked[0]?.placement ?? '';
    const { stream, epoch } = besides(first);
    const accounts = listed(asked, ({ placement }) => accountOf(placement));
    const seqs = listed(asked, ({ seq }) => seq);
    const start = JSON.stringify({ id: `s-${token}`, is: 'sending', at: at.getTime(), by: 'publish', try: token });
    return redis.lianfaClaim(
      stream,
      claims,
      epoch,
      token,
      lease * 1_000,
      keep,
      accounts,
      seqs,
      start,
      releaseOf(first),
    );
  }

  async function sayAll(outcomes: readonly Outcome[]): Promise<void> {
    await eachHash(outcomes, (claims, those) =>
      redis.lianfaSay(
        besides(those[0]?.placement ?? '').stream,
        claims,
        keep,
        listed(those, ({ placement }) => accountOf(placement)),
        listed(those, ({ token }) => token),
        listed(those, ({ ends }) => (ends ? Math.ceil(ends.settle * 1_000) : false)),
        listed(those, ({ ends }) => ends?.closes ?? []),
        encodeEvents(those),
      ),
    );
  }

  const asked: Asked[] = [];
  let looking = false;
  /** Those that ask while a look is under way go together in the next. */
  async function look(): Promise<void> {
    looking = true;
    await turn();
    while (asked.length > 0) {
      const hashes = grouped(asked.splice(0), ({ request }) => claimsKey(settings, request.placement));
      await Promise.all(Array.from(hashes, ([claims, those]) => lookTogether(claims, those)));
    }
    looking = false;
  }

  async function lookTogether(claims: string, those: readonly Asked[]): Promise<void> {
    const { epoch, freezes } = besides(those[0]?.request.placement ?? '');
    try {
      const answers = await redis.lianfaDoor(
        claims,
        epoch,
        freezes,
        Math.max(...those.map(({ lease }) => lease)) * 1_000,
        listed(those, ({ request }) => accountOf(request.placement)),
        listed(those, ({ request }) => request.token),
        listed(those, ({ request }) => request.seq),
        listed(those, ({ request }) => request.run),
        listed(those, ({ request }) => request.freezes),
        listed(those, ({ request }) => request.frozen),
        listed(those, ({ request }) => request.until ?? false),
        listed(those, ({ request }) => editionFor(settings, request.edition, request.placement)),
      );
      those.forEach(({ done }, place) => {
        done(answers[place] ?? 'lost');
      });
    } catch (error) {
      for (const { fail } of those) fail(error);
    }
  }

  return {
    on: (other) => openClaims(connection, settings, other),
    async claim(token, requests, lease, at) {
      const answers = new Map<ClaimRequest, ClaimAnswer>();
      await Promise.all(
        together(requests).map(async ([claims, those]) => {
          const [run = '', ...given] = await claimAll(claims, token, those, lease, at);
          those.forEach((request, place) => answers.set(request, answerOf(given[place] ?? 'busy', run)));
        }),
      );
      return requests.map((request) => answers.get(request) ?? { verdict: 'busy', older: false });
    },
    door(request, lease) {
      return new Promise((done, fail) => {
        asked.push({ request, lease, done, fail });
        if (!looking) void look();
      });
    },
    renew: (token, placements, lease) =>
      eachHash(placements, (claims, held) => redis.lianfaRenew(claims, token, lease * 1_000, listed(held, accountOf))),
    release: (token, placements) =>
      eachHash(placements, (claims, held) => redis.lianfaRelease(claims, token, listed(held, accountOf))),
    fence: (requests) =>
      eachHash(requests, (claims, those) =>
        redis.lianfaFence(
          claims,
          keep,
          listed(those, ({ placement }) => accountOf(placement)),
          listed(those, ({ seq }) => seq),
        ),
      ),
    async callOff(release, seq) {
      const hashes = shardsOf(settings).map((shard) => claimsOf(settings, shard, release));
      await Promise.all(hashes.map((claims) => redis.lianfaCallOff(claims, keep, seq)));
    },
    async pending(placements) {
      const kept = new Map<string, number>();
      await eachHash(placements, async (claims, those) => {
        const values = await redis.hmget(claims, ...those.map(accountOf));
        those.forEach((placement, place) => kept.set(placement, Number(values[place]?.split('|')[3] ?? 0)));
      });
      return placements.map((placement) => kept.get(placement) ?? 0);
    },
    say: sayAll,
    async tell(events) {
      if (events.length > 0) await sayAll(events.map((told) => ({ token: '', ...told })));
    },
    forget: (placement) =>
      redis.lianfaForget(claimsKey(settings, placement), besides(placement).epoch, accountOf(placement)),
  };
}

function answerOf(text: string, run: string): ClaimAnswer {
  if (text === 'busy' || text === 'older') return { verdict: 'busy', older: text === 'older' };
  if (text === 'overtaken') return { verdict: text };
  const [known, pending = '0', until = '0', left = ''] = text.split('|');
  return {
    verdict: 'granted',
    known: known === '1',
    pending: Number(pending),
    left: left === '' ? [] : left.split(',').map(Number),
    until: new Date(Number(until)),
    run,
  };
}

/** Events as the stream carries them. */
function encodeEvents(events: readonly Told[]): string {
  return JSON.stringify(events.map(({ placement, event }) => ({ placement, event: plainOf(event) })));
}

/** Times in milliseconds: shorter than as text, and quicker to write and to read. */
function plainOf(event: PlacementEvent): unknown {
  const { at, dueAt } = event;
  return Object.assign({}, event, dueAt ? { at: at.getTime(), dueAt: dueAt.getTime() } : { at: at.getTime() });
}

/** The events of those that were granted together; `granted` holds seq and account by turns. */
export function claimedEvents(start: string, release: string, granted: readonly string[]): Told[] {
  const { at, ...event } = JSON.parse(start) as Record<string, unknown> & { at: number };
  return Array.from({ length: granted.length / 2 }, (_, place) => ({
    placement: placementId(release, granted[2 * place + 1] ?? ''),
    event: { seq: Number(granted[2 * place]), at: new Date(at), ...event } as PlacementEvent,
  }));
}
