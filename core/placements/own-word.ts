/** Orders by one person's word, without a review: for what sets up a hub of its own (tests, benches, proofs). No face of the hub offers it. */
import { countdown } from './broadcast.js';
import { LianfaError } from '../errors.js';
import type { Order } from '../model/order.js';
import type { Store } from '../store/store.js';
import type { Narrowing, Orders, Prepared, Publication, Withdrawal } from './orders.js';
import type { Authority } from './place.js';
import { signRevision } from './signing.js';

export interface OwnWord {
  /** Signs a revision and orders nothing yet. */
  sign(release: string, revision: string, by: string): Promise<void>;
  publish(asked: Publication): Promise<Order>;
  /** A broadcast: signed by `by`, then by the second; it goes out when its countdown has passed. */
  broadcast(asked: Publication & { deadline?: number }, second: string): Promise<Order>;
  withdraw(asked: Withdrawal): Promise<Order>;
  narrow(asked: Narrowing): Promise<Order>;
}

export function openOwnWord(
  store: Store,
  orders: Pick<Orders, 'publication' | 'second' | 'withdrawal' | 'narrowing'>,
): OwnWord {
  async function place(prepared: Prepared, authority: Authority): Promise<Order> {
    const order = await store.connection.transaction((session) => prepared.place(authority, session));
    await prepared.start(order);
    return order;
  }
  const chain = { id: 'own-word', version: 1, steps: [{ id: 'sign', role: 'signer' }] };
  return {
    sign: (release, revision, by) =>
      store.connection.transaction((session) =>
        signRevision(store, { release, revision, signed: { by, at: new Date() } }, session),
      ),
    async publish(asked) {
      const revision = await store.revisions.findById(asked.revision, { createdBy: 1 }).lean();
      if (!revision) throw new LianfaError('not_found', { what: asked.revision });
      const alone = revision.createdBy === asked.by;
      return place(await orders.publication(asked), { chain, decisions: [], ...(alone && { solo: true }) });
    },
    async broadcast({ deadline, ...asked }, second) {
      const steps = [...chain.steps, { id: 'second-signature', role: 'signer' }];
      const prepared = await orders.publication(asked);
      const broadcast = { countdown, accounts: prepared.survey.reached, ...(deadline !== undefined && { deadline }) };
      const authority = { chain: { ...chain, steps }, decisions: [], broadcast };
      const first = await store.connection.transaction((session) => prepared.draft(authority, session));
      const ready = await orders.second({ ...asked, by: second }, first);
      return store.connection.transaction((session) => ready.place(new Date(), session));
    },
    withdraw: async (asked) => place(await orders.withdrawal(asked), { chain, decisions: [] }),
    narrow: async (asked) => place(await orders.narrowing(asked), { chain, decisions: [] }),
  };
}
