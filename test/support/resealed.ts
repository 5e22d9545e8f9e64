/** An order as it would stand had its signer signed it for other times: a row changed by hand is no order any more. */
import type { Hub } from '../../core/hub/hub.js';
import type { Order } from '../../core/model/order.js';
import { signerOf } from '../../core/signatures/keys.js';
import { readStatement, statementText } from '../../core/signatures/statement.js';

export async function resealed(
  hub: Pick<Hub, 'store' | 'vault'>,
  order: Order,
  times: Partial<Record<'at' | 'notBefore' | 'expires', Date>>,
): Promise<void> {
  const said = Object.fromEntries(Object.entries(times).map(([name, at]) => [name, at.toISOString()]));
  const statement = statementText({ ...readStatement(order.statement ?? ''), ...said });
  const signer = await signerOf(hub, order.by);
  if (!signer) throw new Error(`${order.by} has no key`);
  const change = { ...times, statement, signatures: [signer.sign(statement)] };
  await hub.store.orders.updateOne({ _id: order._id }, { $set: change });
}
