/**
 * Every move that is possible at one moment. What a process does in one move is one step in Redis or in the store;
 * nothing is one step across the two, or with the platform.
 */
import { dispatchMoves } from './dispatch.js';
import { commanderMoves } from './freezes.js';
import { ledgerMoves } from './ledger.js';
import { inPart, landed, reviewed } from './platform.js';
import { inWords, publisherMoves } from './publishers.js';
import { isPreventable } from './scenarios.js';
import { emptyRedis, shown, there, type Platform, type Publisher, type State, type UnderWay } from './state.js';
import { faults, mayHappen, mishap, withPublisher, withRedis, type Move, type World } from './world.js';

export function movesFrom(state: State, world: World): Move[] {
  return [
    ...dispatchMoves(state, world),
    ...ledgerMoves(state, world),
    ...publisherMoves(state, world),
    ...state.platform.underWay.flatMap((each) => platformMoves(state, world, each)),
    ...reviewMoves(state),
    ...redisMoves(state),
    ...commanderMoves(state, world),
    ...endMoves(state),
  ];
}

function endMoves(state: State): Move[] {
  return mayHappen(state, 'end')
    ? [mishap('end', 'the end that was signed with it comes', { ...state, over: true })]
    : [];
}

/** What is under way lands; its answer arrives, or is lost, or comes too late. */
function platformMoves(state: State, { scenario }: World, each: UnderWay): Move[] {
  const { request, by } = each;
  const others = state.platform.underWay.filter((other) => other !== each);
  const { fault, changed, id, platform } = landed({ ...state.platform, underWay: others }, request, scenario);
  const isLeft = request.does !== 'withdraw' || !changed || !scenario.reviews || shown(platform).length > 0;
  const nothing = isLeft ? undefined : faults.nothingLeft;
  const seen = fault ?? nothing ?? (changed && state.row?.state === 'verified' ? faults.changedVerified : undefined);
  const mayNot = isPreventable(scenario) || (scenario.kind === 'once' && seen === faults.twice);
  const broken = mayNot ? seen : undefined;
  const name = `the platform does: ${inWords(request)}`;
  const waiting = by === 'nobody' ? undefined : state.publishers[by];
  if (by === 'nobody' || waiting?.at !== 'wait') return [{ name, to: { ...state, platform }, fault: broken }];

  const tell = (then: Platform, publisher: Publisher): State =>
    withPublisher({ ...state, platform: then }, by, publisher);
  const unanswered: Publisher = { ...waiting, at: 'unanswered' };
  const moves: Move[] = [{ name, to: tell(platform, { ...waiting, at: 'told', id }), fault: broken }];
  if (mayHappen(state, 'refused')) {
    const { job, saw } = waiting;
    const undone: Platform = { ...state.platform, underWay: others };
    moves.push(
      mishap('refused', `the platform refuses: ${inWords(request)}`, tell(undone, { at: 'refused', job, saw })),
    );
  }
  if (mayHappen(state, 'owed') && request.does !== 'withdraw') {
    const part = tell(inPart(platform, id), { ...waiting, at: 'told', id, owed: true });
    moves.push({ ...mishap('owed', `${name}, and refuses what goes with it`, part), fault: broken });
  }
  if (mayHappen(state, 'lostAnswer'))
    moves.push({ ...mishap('lostAnswer', `${name}, its answer is lost`, tell(platform, unanswered)), fault: broken });
  if (mayHappen(state, 'late')) {
    const still: Platform = { ...state.platform, underWay: [...others, { ...each, late: true }] };
    moves.push(mishap('late', `no answer within the time-out: ${inWords(request)}`, tell(still, unanswered)));
  }
  return moves;
}

/** What was taken becomes public, or is refused. */
function reviewMoves(state: State): Move[] {
  return there(state.platform).flatMap(({ id, post }) => {
    if (!post.pending) return [];
    const after = (live: boolean): State => ({ ...state, platform: reviewed(state.platform, id, live) });
    const moves: Move[] = [{ name: `${id} becomes public`, to: after(true) }];
    if (mayHappen(state, 'rejected')) moves.push(mishap('rejected', `${id} is refused by the review`, after(false)));
    return moves;
  });
}

/** Redis comes back empty, or as it was a moment ago. */
function redisMoves(state: State): Move[] {
  const { redis, kept } = state;
  const empty = emptyRedis(Number(redis.run.slice('run '.length)) + 1);
  const moves: Move[] = [];
  if (mayHappen(state, 'redisLost')) moves.push(mishap('redisLost', 'Redis is lost', withRedis(state, empty)));
  if (!mayHappen(state, 'redisTail')) return moves;
  if (kept) {
    const back = { ...state, redis: { ...kept, run: empty.run }, kept: undefined };
    return [...moves, mishap('redisTail', 'Redis restarts without its last second', back)];
  }
  // Only what was written last before the restart matters, so it is written once.
  return [...moves, { name: 'Redis writes to disk', to: { ...state, kept: redis }, mishap: true }];
}
