/** Everything there is at one moment of a walk, as values that are never changed. */
import type { Claim, FreezeMark, Happening, Known } from '../../core/placements/protocol.js';
import type { Stands } from '../../core/model/placement.js';
import { wantedBy, type Mishaps, type Scenario } from './scenarios.js';

export interface Job {
  seq: number;
  fresh: boolean;
  again: boolean;
  run: string;
}

/** An event in the stream. `late`: it was written by somebody who held the claim no longer. `asks`: and a person says what comes next. */
export type Told = Happened | { is: 'person'; seq: number };
export type Happened = Happening & { late?: true; asks?: true };

export interface Redis {
  run: string;
  claim: Claim | undefined;
  jobs: readonly Job[];
  events: readonly Told[];
  /** The newest order given that ends the release everywhere. */
  calledOff: number;
  mark: FreezeMark | undefined;
  beside: Beside;
}

/** What lies beside the ledger: a freeze or nothing, and a name for that. */
export interface Beside {
  edition: string;
  laid: boolean;
}

/**
 * Who freezes and thaws: writes the ledger, looks which run Redis is, raises the mark there. Where the ledger cannot be
 * written the freeze is laid beside it, and entered later. `laid`, `raised`: it is acknowledged.
 */
export type Commander =
  | { at: 'rest' | 'written' | 'laid' | 'laid-written' | 'raised' | 'thawed' | 'over' }
  | { at: 'written-run' | 'thawed-run'; run: string };

export type RowState = 'todo' | 'unseen' | 'accepted' | 'verified' | 'person';

export interface Row extends Known {
  state: RowState;
}

/** The process that works one order off. `run`: Redis, as it began. `fresh`: it made the placement. */
export type Dispatch =
  | { at: 'start' }
  | { at: 'row'; run: string }
  | { at: 'fence'; run: string }
  | { at: 'queue'; run: string; fresh: boolean }
  | { at: 'end' };

/** What goes over the network. */
export type Request = { seq: number } & (
  | { does: 'create'; revision: string }
  | { does: 'update'; revision: string; id: string }
  | { does: 'withdraw'; id: string }
);

type Before = Pick<Claim, 'pending' | 'left'> | undefined;

/** `knows`: the freezes it goes by; `beside`: and what it has seen beside the ledger. What it has read may be as old as the process: at first they are those of the beginning. */
interface AtDoor {
  at: 'door';
  job: Job;
  run: string;
  standing: readonly Stands[];
  saw: readonly Told[];
  knows: number;
  beside?: Beside;
}

/** What of the freezes has been read so far. */
export interface FreezesRead {
  run?: string;
  beside?: Beside;
  version?: number;
}

/**
 * A publishing process. `run`: the Redis under which it claimed; `before`: what the claim was then; `saw`: what it knows
 * from asking and tells with its outcome.
 */
export type Publisher =
  | { at: 'rest' }
  | { at: 'claim'; job: Job }
  | { at: 'row'; job: Job; run: string; before: Before }
  | { at: 'ask'; job: Job; run: string; row: Known; before: Before }
  | AtDoor
  | { at: 'stale'; door: AtDoor; job: Job; read: FreezesRead }
  | { at: 'raise'; door: AtDoor; job: Job; read: FreezesRead & { run: string; version: number } }
  | { at: 'send'; job: Job; request: Request; saw: readonly Told[] }
  | { at: 'wait'; job: Job; request: Request; saw: readonly Told[] }
  | { at: 'told'; job: Job; request: Request; saw: readonly Told[]; id: string; owed?: true }
  | { at: 'refused'; job: Job; saw: readonly Told[] }
  | { at: 'unanswered'; job: Job; request: Request; saw: readonly Told[] };

export type Pair = readonly [Publisher, Publisher];
/** Which of the pair. */
export type Place = 0 | 1;

export interface Post {
  seq: number;
  revision: string;
  live: boolean;
  /** Taken, and under review: not public yet. */
  pending?: true;
  /** What goes with it was refused. */
  owed?: true;
}

/** A request on its way. `by`: who waits for the answer, if anybody still does. `late`: it has outlived its time-out. */
export interface UnderWay {
  request: Request;
  by: Place | 'nobody';
  late: boolean;
}

export interface Platform {
  posts: readonly Post[];
  underWay: readonly UnderWay[];
}

export interface State {
  row: Row | undefined;
  dispatches: readonly Dispatch[];
  redis: Redis;
  /** Redis as it is on the disk, where a restart may bring that back. */
  kept: Redis | undefined;
  publishers: Pair;
  platform: Platform;
  mishaps: Partial<Mishaps>;
  /** The newest order whose fence was raised, whatever has become of Redis since. */
  fenced: number;
  commander: Commander;
  /** The end has come that was signed with an order. */
  over: boolean;
}

/** The version of the freezes in the ledger: 1 while something is frozen. */
export function freezesIn({ commander: { at } }: State): number {
  if (at === 'rest' || at === 'laid') return 0;
  return at === 'written' || at === 'written-run' || at === 'laid-written' || at === 'raised' ? 1 : 2;
}

export const places = [0, 1] as const;
export const otherPlace = (place: Place): Place => (place === 0 ? 1 : 0);

/** A try's token is its publisher's place: when the try ends, what is left of its claim becomes nobody's. */
const tokens = ['first', 'second'] as const;
const nobody = 'nobody';
export const tokenOf = (place: Place): string => tokens[place];

export function start(scenario: Scenario): State {
  const { orders, mishaps, stands } = scenario;
  const state: State = {
    row: undefined,
    dispatches: orders.map(() => ({ at: 'start' })),
    redis: emptyRedis(1),
    kept: undefined,
    publishers: [{ at: 'rest' }, { at: 'rest' }],
    platform: { posts: [], underWay: [] },
    mishaps,
    fenced: 0,
    commander: { at: 'rest' },
    over: false,
  };
  return stands ? { ...state, ...carriedOut(state, wantedBy(scenario, 1).revision ?? '') } : state;
}

/** The first order was carried out, and nothing has happened since. */
function carriedOut({ dispatches, redis }: State, revision: string): Partial<State> {
  const { run } = redis;
  const standing: Stands[] = [{ seq: 1, revision, remote: { id: idOf(0) }, seen: 'published' }];
  const nothing = { open: [], doubted: [], unsure: [] };
  const row = { orders: [{ seq: 1, revision }], settled: 1, standing, run, oldestRun: run, ...nothing };
  return {
    row: { ...row, state: 'verified' },
    dispatches: [{ at: 'end' }, ...dispatches.slice(1)],
    redis: { ...redis, claim: { fence: 1, token: '', until: 0, pending: 0, left: [] } },
    platform: { posts: [{ seq: 1, revision, live: true }], underWay: [] },
  };
}

export const nothingBeside: Beside = { edition: '', laid: false };

export function emptyRedis(run: number): Redis {
  return {
    run: `run ${run}`,
    claim: undefined,
    jobs: [],
    events: [],
    calledOff: 0,
    mark: undefined,
    beside: nothingBeside,
  };
}

/** What the public sees now, with its id. */
export function shown({ posts }: Platform): { id: string; post: Post }[] {
  return posts.flatMap((post, place) => (post.live ? [{ id: idOf(place), post }] : []));
}

/** What the platform has, be it public or under review. */
export function there({ posts }: Platform): { id: string; post: Post }[] {
  return posts.flatMap((post, place) => (post.live || post.pending ? [{ id: idOf(place), post }] : []));
}

export const idOf = (place: number): string => `post ${place}`;
export const placeOf = (id: string): number => Number(id.slice('post '.length));

const hasTry = ({ at }: Publisher): boolean => at !== 'rest' && at !== 'claim';

/** A part that states share, with a number of its own. */
interface Shared<P> {
  part: P;
  number: number;
}

/** Parts of one kind, each kept once: of a hundred that are made some ninety-nine are equal to one that is known. */
class Parts<P extends object> {
  private readonly byText = new Map<string, Shared<P>>();
  private readonly byPart = new WeakMap<P, Shared<P>>();

  shared(part: P): Shared<P> {
    return this.byPart.get(part) ?? this.shareText(part);
  }

  private shareText(part: P): Shared<P> {
    const text = JSON.stringify(part);
    const known = this.byText.get(text);
    if (known) return known;
    const shared = { part, number: this.byText.size + 1 };
    this.byText.set(text, shared);
    this.byPart.set(part, shared);
    return shared;
  }
}

const nothing = { part: undefined, number: 0 };

/** Gives each state its one form and key. Equal states have equal keys and are made of the same parts. */
export class Numbering {
  private readonly rows = new Parts<Row>();
  private readonly dispatches = new Parts<readonly Dispatch[]>();
  private readonly redises = new Parts<Redis>();
  private readonly publishers = new Parts<Publisher>();
  private readonly platforms = new Parts<Platform>();
  private readonly mishaps = new Parts<Partial<Mishaps>>();
  private readonly commanders = new Parts<Commander>();

  /** What ended tries held is nobody's, and the two publishers, who are alike, are in order. */
  oneForm(state: State): { state: State; key: string } {
    const bare = { ...state, ...withoutEnded(state) };
    const [first, second] = bare.publishers;
    const isSwapped = this.publishers.shared(first).number > this.publishers.shared(second).number;
    return this.ofParts(isSwapped ? swapped(bare) : bare);
  }

  private ofParts(state: State): { state: State; key: string } {
    const { fenced, over } = state;
    const row = state.row ? this.rows.shared(state.row) : nothing;
    const dispatches = this.dispatches.shared(state.dispatches);
    const redis = this.redises.shared(state.redis);
    const kept = state.kept ? this.redises.shared(state.kept) : nothing;
    const first = this.publishers.shared(state.publishers[0]);
    const second = this.publishers.shared(state.publishers[1]);
    const platform = this.platforms.shared(state.platform);
    const mishaps = this.mishaps.shared(state.mishaps);
    const commander = this.commanders.shared(state.commander);
    const parts = `${redis.number},${kept.number},${first.number},${second.number},${platform.number}`;
    return {
      key: `${row.number},${dispatches.number},${parts},${mishaps.number},${commander.number},${fenced},${over}`,
      state: {
        row: row.part,
        dispatches: dispatches.part,
        redis: redis.part,
        kept: kept.part,
        publishers: [first.part, second.part],
        platform: platform.part,
        mishaps: mishaps.part,
        commander: commander.part,
        fenced,
        over,
      },
    };
  }
}

function withoutEnded({ redis, kept, platform, publishers }: State): Partial<State> {
  const ended = places.filter((place) => !hasTry(publishers[place])).map(tokenOf);
  const named = (token: string): string => (ended.includes(token) ? nobody : token);
  const underWay = platform.underWay.map((each) =>
    each.by === 'nobody' || publishers[each.by].at === 'wait' ? each : { ...each, by: 'nobody' as const },
  );
  const same = underWay.every((each, place) => each === platform.underWay[place]);
  return {
    redis: withToken(redis, named),
    kept: kept && withToken(kept, named),
    platform: same ? platform : { ...platform, underWay },
  };
}

function withToken(redis: Redis, name: (token: string) => string): Redis {
  const { claim } = redis;
  if (!claim || claim.token === '') return redis;
  // A claim that ran out and is nobody's is a free one.
  const token = name(claim.token);
  const free = token === nobody && claim.until === 0 ? '' : token;
  return free === claim.token ? redis : { ...redis, claim: { ...claim, token: free } };
}

function swapped(state: State): State {
  const [first, second] = state.publishers;
  const named = (token: string): string => (token === tokens[0] ? tokens[1] : token === tokens[1] ? tokens[0] : token);
  const { platform, redis, kept } = state;
  const underWay = platform.underWay.map((each) =>
    each.by === 'nobody' ? each : { ...each, by: otherPlace(each.by) },
  );
  return {
    ...state,
    publishers: [second, first],
    redis: withToken(redis, named),
    kept: kept && withToken(kept, named),
    platform: underWay.length === 0 ? platform : { ...platform, underWay },
  };
}
