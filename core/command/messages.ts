/** The chain of messages of one release: alert, updates, all-clear; and the clocks that run from its first signature. */
import type { Revision } from '../model/release.js';
import { signedFor } from '../placements/to-come.js';
import { endingsOf } from '../releases/endings.js';
import type { Order } from '../model/order.js';
import type { Store } from '../store/store.js';
import type { Board } from './board.js';

export interface Course {
  messages: Board['messages'];
  clocks: Board['clocks'];
  /** When the first order was given; undefined where none was. */
  began: Date | undefined;
  /** How many accounts the order under way was signed for; 0 where none is. */
  signedFor: number;
}

export async function courseOf(store: Store, release: string, now = new Date()): Promise<Course> {
  const [revisions, orders] = await Promise.all([
    store.revisions.find({ release }, columns).sort({ number: 1 }).lean(),
    store.orders.find({ release }, orderColumns).sort({ seq: 1 }).lean(),
  ]);
  const ended = await endingsOf(store, release, revisions, orders, now);
  const signed = revisions.filter((revision) => revision.signed);
  const first = signed[0]?.signed;
  const deadline = deadlineOf(signed, orders);
  const began = orders[0] && (orders[0].startedAt ?? orders[0].at);
  return {
    messages: revisions.map((revision) => {
      const end = ended.get(revision._id);
      return { ...messageOf(revision, orders), ...(end && { ended: end }) };
    }),
    clocks: {
      ...(first && { signedAt: first.at.toISOString() }),
      ...(deadline && { deadline }),
      ...knownAt(revisions[0]),
    },
    began,
    signedFor: signedFor(orders),
  };
}

type Head = Pick<Revision, '_id' | 'number' | 'title' | 'emergency' | 'signed' | 'createdAt'>;
type OrderHead = Pick<Order, 'seq' | 'revision' | 'state' | 'at' | 'startedAt' | 'expires' | 'deadline'>;
const orderColumns = {
  seq: 1,
  revision: 1,
  state: 1,
  at: 1,
  startedAt: 1,
  expires: 1,
  deadline: 1,
  action: 1,
  statement: 1,
} as const;
const columns = { number: 1, title: 1, emergency: 1, signed: 1, createdAt: 1 } as const;

function messageOf(
  { _id, number, title, emergency, signed }: Head,
  orders: readonly OrderHead[],
): Board['messages'][number] {
  return {
    revision: _id,
    number,
    title,
    ...(emergency && { message: emergency.msgType }),
    ...(emergency?.status === 'Exercise' && { exercise: true as const }),
    ...(signed && { signedAt: signed.at.toISOString() }),
    orders: orders.flatMap(({ seq, revision, state, at }) =>
      revision === _id ? [{ seq, state, at: at.toISOString() }] : [],
    ),
  };
}

/** By when it is to be out: what was signed with the newest broadcast; of any other, until when the newest order may leave, else when the newest signed warning ends. */
function deadlineOf(signed: readonly Head[], orders: readonly OrderHead[]): string | undefined {
  const signedWith = orders.findLast(({ deadline }) => deadline)?.deadline;
  if (signedWith) return signedWith.toISOString();
  const expires = orders.at(-1)?.expires?.toISOString() ?? signed.at(-1)?.emergency?.expires;
  return expires === undefined ? undefined : new Date(expires).toISOString();
}

/** When it began, as the first message says, or when that was written, whichever is earlier: a forecast begins later. */
function knownAt(first: Head | undefined): Pick<Board['clocks'], 'knownAt'> {
  if (!first?.emergency) return {};
  const { onset } = first.emergency;
  const began = onset === undefined ? first.createdAt : new Date(onset);
  return { knownAt: (began < first.createdAt ? began : first.createdAt).toISOString() };
}
