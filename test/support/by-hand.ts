/** What a person does whom a channel asks: they put what is to be copied where the public reads it. Nothing, where the channel has done it itself. */
import type { Acceptance, Account, Remote, Rendition, StepCall } from '../../channels/channel.js';
import type { RunningSandbox } from '../../channels/sandbox.js';

export interface Handed {
  account: Account<unknown, unknown>;
  call: StepCall;
  rendition: Rendition<unknown>;
}

/** At the sandbox's control `hand`. */
export async function byHand(
  { controlUrl }: Pick<RunningSandbox, 'controlUrl'>,
  { account, call, rendition }: Handed,
  acceptance: Acceptance,
): Promise<Acceptance> {
  if (acceptance.outcome !== 'action' || !rendition.copy || !acceptance.remote) return acceptance;
  const instead = acceptance.remote.instead?.map(({ id }) => id) ?? [];
  const act = { does: 'publish', account: account.name, key: call.key, copy: rendition.copy, instead };
  const answer = await fetch(`${controlUrl}/hand`, { method: 'POST', body: JSON.stringify(act) });
  if (!answer.ok) throw new Error(await answer.text());
  const { url } = (await answer.json()) as { url: string };
  const remote: Remote = { ...acceptance.remote, url };
  return { outcome: 'published', remote };
}
