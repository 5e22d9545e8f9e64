/** Publishers: take a job, claim, see what may stand, ask where that is not sure, do the one next step through the door, tell the outcome. */
import type { Wanted } from '../../core/model/placement.js';
import { leftNothing, type Step } from '../../core/placements/protocol.js';
import { handOutOf, held, now, type Decisions } from './decisions.js';
import { freezesAt, isAcknowledged, staleMove } from './freezes.js';
import { standsAs } from './platform.js';
import { ended, granted, opened, outran, said } from './redis.js';
import { wantedBy } from './scenarios.js';
import {
  otherPlace,
  places,
  there,
  tokenOf,
  type Happened,
  type Job,
  type Place,
  type Publisher,
  type Request,
  type State,
  type Told,
} from './state.js';
import {
  faults,
  mayHappen,
  mishap,
  newestOf,
  textOf,
  withJob,
  withPublisher,
  withRedis,
  type Move,
  type World,
} from './world.js';

type At<K extends Publisher['at']> = Extract<Publisher, { at: K }>;

export function publisherMoves(state: State, world: World): Move[] {
  return places.flatMap((place) => {
    const publisher = state.publishers[place];
    if (publisher.at === 'rest') return takeMoves(state, place);
    return [...workMoves(state, world, place, publisher), ...mishaps(state, place, publisher)];
  });
}

const nameOf = (place: Place): string => `publisher ${place + 1}`;

const rest = (state: State, place: Place): State => withPublisher(state, place, { at: 'rest' });

/** Gives the claim back; what may have left stays open. */
function giveBack(state: State, place: Place): State {
  return rest(withRedis(state, ended(state.redis, tokenOf(place), [])), place);
}

/** Tells what it saw together with a sure outcome of this order, and ends its claim. */
function conclude(state: State, place: Place, saw: readonly Told[], outcome: Happened & { seq: number }): State {
  const asked = saw.flatMap((event) => (event.is === 'looked' ? event.asked : []));
  const told = said(state.redis, [...saw, outcome]);
  return rest(withRedis(state, ended(told, tokenOf(place), [outcome.seq, ...asked])), place);
}

/** Goes on to the door with what it knows from asking. */
function goOn(state: State, { decisions }: World, place: Place, next: At<'door'>): State {
  if (decisions.has('lookWithOutcome') || next.saw.length === 0) return withPublisher(state, place, next);
  return withPublisher(withRedis(state, said(state.redis, next.saw)), place, { ...next, saw: [] });
}

/** A job of a placement that nothing is to be done about is dropped as it is taken. */
function takeMoves(state: State, place: Place): Move[] {
  // Where both rest it does not matter who takes it.
  if (place === 1 && state.publishers[0].at === 'rest') return [];
  const { jobs } = state.redis;
  const different = jobs.filter((job, index) => index === 0 || textOf(job) !== textOf(jobs[index - 1] as Job));
  return different.map((job) => {
    const taken = withRedis(state, { ...state.redis, jobs: jobs.filter((other) => other !== job) });
    const name = `${nameOf(place)} takes ${job.fresh ? 'fresh ' : ''}job ${job.seq}${job.again ? ' again' : ''}`;
    if (!job.fresh && state.row?.state !== 'todo') return { name: `${name} and drops it`, to: taken };
    return { name, to: withPublisher(taken, place, { at: 'claim', job }) };
  });
}

function mishaps(state: State, place: Place, publisher: Exclude<Publisher, At<'rest'>>): Move[] {
  const again = withRedis(state, withJob(state.redis, { ...publisher.job, fresh: false, again: true }));
  const moves: Move[] = [];
  const { claim } = state.redis;
  const isMine = claim?.token === tokenOf(place) && claim.until > now;
  const isStill = publisher.at === 'row' || publisher.at === 'ask' || publisher.at === 'door';
  if (isMine && isStill) {
    const to = withRedis(state, outran(state.redis));
    moves.push({ name: `${nameOf(place)} stands still until its claim has run out`, to, mishap: true });
  }
  if (mayHappen(state, 'crash')) moves.push(mishap('crash', `${nameOf(place)} dies`, rest(again, place)));
  if (mayHappen(state, 'stall') && publisher.at !== 'claim')
    moves.push(mishap('stall', `${nameOf(place)} seems dead: its job is handed out again`, again));
  return moves;
}

function workMoves(state: State, world: World, place: Place, publisher: Exclude<Publisher, At<'rest'>>): Move[] {
  switch (publisher.at) {
    case 'claim':
      return [claimMove(state, world, place, publisher)];
    case 'row':
      return rowMoves(state, world, place, publisher);
    case 'ask':
      return world.scenario.kind === 'blind'
        ? askInVain(state, world, place, publisher)
        : askMoves(state, world, place, publisher);
    case 'door':
      return [actMove(state, world, place, publisher)];
    case 'stale':
    case 'raise':
      return [staleMove(state, world, place, publisher)];
    case 'send':
      return [{ name: `${nameOf(place)} sends`, to: send(state, place, publisher) }];
    case 'wait':
      return [];
    case 'told':
      return [outcomeMove(state, world, place, publisher, publisher.id)];
    case 'unanswered':
      return unansweredMoves(state, world, place, publisher);
    case 'refused': {
      const { job, saw } = publisher;
      const to = conclude(state, place, saw, { is: 'nothing', seq: job.seq });
      return [{ name: `${nameOf(place)} writes that nothing left`, to }];
    }
  }
}

function claimMove(state: State, { decisions }: World, place: Place, { job }: At<'claim'>): Move {
  const { redis } = state;
  const { claim, run } = redis;
  const { seq } = job;
  switch (decisions.claim(claim, seq)) {
    case 'overtaken':
      return { name: `${nameOf(place)} finds ${seq} overtaken`, to: rest(state, place) };
    case 'busy':
      return { name: `${nameOf(place)} finds it held until the claim runs out`, to: withRedis(state, outran(redis)) };
    case 'granted': {
      const before = claim && { pending: claim.pending, left: claim.left };
      const next: Publisher = decisions.actsAtOnce(handOutOf(job, run, before))
        ? { at: 'door', job, run, standing: [], saw: [], knows: 0 }
        : { at: 'row', job, run, before };
      const beside = claim?.token === tokenOf(otherPlace(place)) && claim.until > now;
      return {
        name: `${nameOf(place)} claims ${seq}`,
        to: withPublisher(withRedis(state, granted(redis, tokenOf(place), seq)), place, next),
        fault: beside ? faults.besideHolder : undefined,
      };
    }
  }
}

/** Reads the row, when record has caught up. */
function rowMoves(state: State, { decisions }: World, place: Place, { job, run, before }: At<'row'>): Move[] {
  const { row, redis } = state;
  if (!row) return [];
  const { state: _state, ...known } = row;
  const caughtUp = before && { ...before, pending: redis.claim?.pending ?? 0 };
  const name = `${nameOf(place)} reads the row`;
  if (row.state === 'person' && leftNothing(known, handOutOf(job, run, caughtUp))) {
    // The machine is done with it: its try ends, and nothing of it is open.
    const to = conclude(state, place, [], { is: 'nothing', seq: job.seq, asks: true });
    return [{ name: `${name}: it rests`, to }];
  }
  switch (decisions.sight(known, handOutOf(job, run, caughtUp))) {
    case 'behind':
      return [{ name: `${name}: behind`, to: giveBack(state, place), mishap: true }];
    case 'overtaken':
      return [{ name: `${name}: overtaken`, to: giveBack(state, place) }];
    case 'sure': {
      const next: Publisher = { at: 'door', job, run, standing: known.standing, saw: [], knows: 0 };
      return [{ name: `${name}: sure`, to: withPublisher(state, place, next) }];
    }
    case 'ask': {
      const next: Publisher = { at: 'ask', job, run, row: known, before: caughtUp };
      return [{ name: `${name}: not sure`, to: withPublisher(state, place, next) }];
    }
  }
}

/** What is found has landed; "not there" counts only when nothing can be under way any more, and so does a taking back. */
function askMoves(state: State, world: World, place: Place, { job, run, row }: At<'ask'>): Move[] {
  const { decisions } = world;
  const asked = decisions.suspects(row, job.seq).map(({ seq }) => seq);
  const found = there(state.platform)
    .filter(({ post }) => asked.includes(post.seq))
    .map(({ id, post }) => ({
      ...standsAs(id, post),
      ...(post.owed && post.seq === job.seq && { owed: true as const }),
    }));
  const allDone = asked.every((seq) => found.some((entry) => entry.seq === seq && !entry.owed));
  if (!allDone && !isSettled(state, decisions)) return [tooEarly(state, place)];
  const looked: Happened = { is: 'looked', seq: job.seq, asked, found, settles: false };
  const seen = { ...row };
  decisions.happen(seen, looked);
  const next: At<'door'> = { at: 'door', job, run, standing: seen.standing, saw: [looked], knows: 0 };
  return [{ name: `${nameOf(place)} asks the platform`, to: goOn(state, world, place, next) }];
}

/** It comes again later, and lets others come. */
function tooEarly(state: State, place: Place): Move {
  return { name: `${nameOf(place)} asks too early to believe it`, to: giveBack(state, place) };
}

function isSettled({ platform }: State, decisions: Decisions): boolean {
  return !decisions.has('settle') || platform.underWay.every(({ late }) => late);
}

/** Of texts the platform cannot tell; that a taking back has ended is known by the time that has passed. */
function askInVain(state: State, world: World, place: Place, { job, run, row, before }: At<'ask'>): Move[] {
  const { decisions } = world;
  if (!isSettled(state, decisions)) return [tooEarly(state, place)];
  const { seq } = job;
  const suspects = decisions.suspects(row, seq);
  const mute = suspects.filter(({ revision }) => revision !== undefined).map((order) => order.seq);
  const takenBack = suspects.filter(({ revision }) => revision === undefined).map((order) => order.seq);
  const verdict = decisions.blindly(row, handOutOf(job, run, before));
  const name = `${nameOf(place)} asks the platform, which cannot tell`;
  if (verdict === 'person' && mute.includes(seq)) {
    const asked = withRedis(state, said(state.redis, [{ is: 'person', seq }]));
    return [{ name, to: giveBack(asked, place) }];
  }
  const about = mute.filter((each) => each !== seq && (verdict === 'person' || verdict.doubt.includes(each)));
  const saw: Told[] = [];
  if (takenBack.length > 0) saw.push({ is: 'looked', seq, asked: takenBack, found: [], settles: false });
  if (about.length > 0) saw.push({ is: 'doubt', about });
  return [{ name, to: goOn(state, world, place, { at: 'door', job, run, standing: row.standing, saw, knows: 0 }) }];
}

function actMove(state: State, world: World, place: Place, atDoor: At<'door'>): Move {
  const { job, run, standing, saw } = atDoor;
  const { scenario, decisions } = world;
  const { seq } = job;
  const wanted = state.row?.orders.find((order) => order.seq === seq) ?? wantedBy(scenario, seq);
  const step = decisions.nextStep(standing, wanted, scenario.kind);
  const request = requestOf(step, wanted);
  const settled = (): State =>
    conclude(state, place, saw, { is: 'looked', seq, asked: [seq], found: [], settles: true });
  if (!request) return { name: `${nameOf(place)} has nothing to do`, to: settled() };
  const isTakenAway = wanted.stops === true && request.does === 'withdraw';
  const token = tokenOf(place);
  const { claim, run: runNow } = state.redis;
  const freezes = freezesAt(state, scenario, atDoor, request);
  const expires = scenario.ends === seq ? (state.over ? now : held) : undefined;
  const until = decisions.until(step, expires);
  const verdict = decisions.door(claim, {
    token,
    seq,
    run: runNow,
    claimedRun: run,
    calledOff: state.redis.calledOff,
    until,
    ...freezes,
  });
  const name = `${nameOf(place)} at the door to ${inWords(request)}: ${verdict}`;
  switch (verdict) {
    case 'open': {
      const sending: At<'send'> = { at: 'send', job, request, saw };
      const through = withRedis(state, opened(state.redis, seq));
      const to = scenario.pauses ? withPublisher(through, place, sending) : send(through, place, sending);
      const isFrozen = isAcknowledged(state) && request.does !== 'withdraw';
      const isOver = state.over && scenario.ends === seq && request.does !== 'withdraw';
      const late = isFrozen ? faults.afterFreeze : isOver ? faults.afterEnd : undefined;
      const away = isTakenAway ? faults.takenAway : late;
      return { name, to, fault: state.fenced > seq ? faults.oldLeft : away };
    }
    case 'stale':
      return { name, to: withPublisher(state, place, { at: 'stale', door: atDoor, job, read: {} }) };
    case 'frozen':
    case 'lost':
      return { name, to: rest(state, place) };
    case 'called_off':
    case 'run':
      return { name, to: conclude(state, place, saw, { is: 'nothing', seq }) };
    case 'expired':
      return { name, to: conclude(state, place, saw, { is: 'nothing', seq, asks: true }) };
    case 'overtaken': {
      const isNewest = state.row && newestOf(state.row) === seq;
      return { name, to: settled(), fault: isNewest ? faults.newestRefused : undefined };
    }
  }
}

function requestOf(step: Step, { seq, revision = '' }: Wanted): Request | undefined {
  switch (step.does) {
    case 'nothing':
      return undefined;
    case 'withdraw':
      return { seq, does: 'withdraw', id: step.what.remote.id };
    case 'create':
      return { seq, does: 'create', revision };
    case 'update':
      return { seq, does: 'update', revision, id: step.over.remote.id };
  }
}

export function inWords(request: Request): string {
  return `${request.does} ${request.does === 'withdraw' ? request.id : request.revision}`;
}

function send(state: State, place: Place, sending: At<'send'>): State {
  const { request } = sending;
  const underWay = [...state.platform.underWay, { request, by: place, late: false }];
  return withPublisher({ ...state, platform: { ...state.platform, underWay } }, place, { ...sending, at: 'wait' });
}

function outcomeMove(
  state: State,
  { decisions, scenario }: World,
  place: Place,
  publisher: At<'told' | 'unanswered'>,
  id: string,
): Move {
  const { request, saw } = publisher;
  const isLate = state.redis.claim?.token !== tokenOf(place) && !decisions.has('lateKept');
  const owed = publisher.at === 'told' && publisher.owed === true;
  if (owed && !decisions.has('partKept')) {
    const to = conclude(state, place, saw, { is: 'nothing', seq: request.seq });
    return { name: `${nameOf(place)} writes that nothing left`, to };
  }
  const event = { ...outcomeOf(request, id, owed, scenario.reviews), ...(isLate && { late: true as const }) };
  return {
    name: `${nameOf(place)} writes ${event.is}${owed ? ', the rest owed' : ''}`,
    to: conclude(state, place, saw, event),
  };
}

function outcomeOf(request: Request, id: string, owed: boolean, pending: true | undefined): Happened & { seq: number } {
  const { seq } = request;
  if (request.does === 'withdraw') return { is: 'withdrawn', seq, remote: id };
  const stands = {
    ...standsAs(id, { seq, revision: request.revision, ...(pending && { pending }) }),
    ...(owed && { owed: true as const }),
  };
  return { is: 'accepted', seq, stands, ...(request.does === 'update' && { replaces: request.id }) };
}

/** Nobody knows; but where the text is there already, a look at once tells. */
function unansweredMoves(state: State, world: World, place: Place, unanswered: At<'unanswered'>): Move[] {
  const { request } = unanswered;
  const moves: Move[] = [{ name: `${nameOf(place)} has no answer`, to: giveBack(state, place) }];
  const seen = there(state.platform).find(({ post }) => post.seq === request.seq);
  if (seen && request.does !== 'withdraw' && world.scenario.kind !== 'blind')
    moves.push(outcomeMove(state, world, place, unanswered, seen.id));
  return moves;
}
