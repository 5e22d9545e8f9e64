/** What a batch may do is what was signed: each step is held against the sealed order that asks for it, before any request. */
import { notify } from '../../core/notices/notices.js';
import type { Wanted } from '../../core/model/placement.js';
import { fault, signAgain, type Fault } from '../../core/signatures/faults.js';
import { forgetText, renditionHash, type Text } from '../../core/signatures/renditions.js';
import { tooEarly, type Checked } from '../../core/signatures/seal.js';
import { isSigned, type Sealed, type Seals } from '../../core/signatures/seals.js';
import type { Rendition } from '../../channels/channel.js';
import { Unfit, type Target } from './errand.js';
import type { PublishMeans } from './means.js';

/** The sealed orders of a batch, by release and sequence. */
export type Orders = ReadonlyMap<string, Checked<Sealed>>;

interface Step {
  target: Pick<Target, 'release'>;
  seq: number;
}

const keyOf = ({ target, seq }: Step): string => `${target.release} ${seq}`;

/** Looks the orders of all steps up: one of each. What no sealed order asks for is told to whoever runs the hub. */
export async function ordersOf(steps: readonly Step[], { store, seals }: PublishMeans): Promise<Orders> {
  const orders = new Map<string, Checked<Sealed>>();
  for (const step of steps) {
    const { target, seq } = step;
    if (orders.has(keyOf(step))) continue;
    const checked = await seals.find(target.release, seq);
    orders.set(keyOf(step), checked);
    if (!checked.holds) await tell(store, target.release, checked.fault);
  }
  return orders;
}

async function tell(store: PublishMeans['store'], release: string, { code, said }: Fault): Promise<void> {
  await notify(store, {
    level: 'urgent',
    key: `seal ${release} ${code}`,
    said: {
      zh: `有投递没有通过签名核对，已拦下（发布件 ${release}）：${said.zh}`,
      en: `Steps of the release ${release} were stopped, for no signature stands behind them: ${said.en}`,
    },
    todo: signAgain,
  });
}

/** @throws Unfit where no signed order asks for exactly this on this account */
export async function requireOrder(
  step: Step & { target: Target; wanted: Wanted | undefined },
  orders: Orders,
  seals: Seals,
  account: { channel: string } | undefined,
): Promise<Sealed> {
  const checked = orders.get(keyOf(step)) ?? { holds: false, fault: fault('no_order') };
  if (!checked.holds) throw stopped(checked.fault);
  const { is: sealed } = checked;
  const { target, wanted } = step;
  const field = differsIn(target, wanted, sealed, account);
  if (field !== undefined) throw stopped(fault('step_differs', field));
  const early = tooEarly(sealed.times, new Date());
  if (early) throw stopped(early);
  if (!(await seals.reaches(sealed, target.account))) throw stopped(fault('outside'));
  return sealed;
}

/** The first thing that Redis or the row says otherwise than the order. */
function differsIn(
  target: Target,
  wanted: Wanted | undefined,
  { statement }: Sealed,
  account: { channel: string } | undefined,
): string | undefined {
  if (wanted?.revision !== statement.revision?.id) return 'revision';
  if (wanted?.keeps !== statement.keeps) return 'keeps';
  if (wanted?.over !== statement.over) return 'over';
  if ((wanted?.stops ?? false) !== (statement.action === 'narrow')) return 'stops';
  if (target.lane !== statement.lane) return 'lane';
  return account && account.channel !== target.channel ? 'channel' : undefined;
}

/** @throws Unfit where the text, or its date, is not the one that was signed */
export function requireText({ statement: { revision } }: Sealed, { content, hash }: Text): void {
  if (hash === revision?.hash && content.signedAt.toISOString() === revision.dated) return;
  forgetText(content.revision);
  throw stopped(fault('text_changed'));
}

/** @throws Unfit where it is none of the renditions that were signed */
export function requireRendition(sealed: Sealed, channel: string, rendition: Rendition<unknown>): void {
  if (!isSigned(sealed, channel, renditionHash(rendition))) throw stopped(fault('rendition_changed'));
}

function stopped({ said }: Fault): Unfit {
  return new Unfit(said, signAgain);
}
