/** The chain of messages of one release: alert, updates, all-clear; and the clocks that run from its first signature. */
import type { Revision } from '../model/release.js';
import type { Order } from '../model/order.js';
import type { Store } from '../store/store.js';
import type { Board } from './board.js';

export interface Course {
  messages: Board['messages'];
  clocks: Board['clocks'];
  /** When the first order was given; undefined where none was. */
  began: Date | undefined;
}

export async function courseOf(store: Store, release: string): Promise<Course> {
  const columns = { number: 1, title: 1, emergency: 1, signed: 1, createdAt: 1 } as const;
  const [revisions, orders] = await Promise.all([
    store.revisions.find({ release }, columns).sort({ number: 1 }).lean(),
    store.orders
      .find({ release }, { seq: 1, revision: 1, state: 1, at: 1, startedAt: 1, expires: 1, deadline: 1 })
      .sort({ seq: 1 })
      .lean(),
  ]);
  const signed = revisions.filter((revision) => revision.signed);
  const first = signed[0]?.signed;
  const deadline = deadlineOf(signed, orders);
  const began = orders[0] && (orders[0].startedAt ?? orders[0].at);
  return {
    messages: revisions.map((revision) => messageOf(revision, orders)),
    clocks: {
      ...(first && { signedAt: first.at.toISOString() }),
      ...(deadline && { deadline }),
      ...knownAt(revisions[0]),
    },
    began,
  };
}

type Head = Pick<Revision, '_id' | 'number' | 'title' | 'emergency' | 'signed' | 'createdAt'>;
type OrderHead = Pick<Order, 'seq' | 'revision' | 'state' | 'at' | 'expires' | 'deadline'>;

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
