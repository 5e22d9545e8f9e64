/** One delivery with all that a channel needs to act on it. */
import type { Account, Channel, StepCall, Rendition } from '../../channels/channel.js';
import type { AccountRow } from '../../core/model/account.js';
import { openAccount } from '../../core/accounts/open.js';
import type { Delivery } from '../../core/model/delivery.js';
import type { Store } from '../../core/store/store.js';
import type { PublishMeans } from './means.js';
import { loadContent, renditionFor } from './renditions.js';
import { timeLimit } from './time-limit.js';

export interface Errand {
  row: Delivery;
  channel: Channel;
  account: Account<unknown, unknown>;
  rendition: Rendition<unknown>;
  call: StepCall;
}

/** Why an errand cannot even begin; the delivery needs a person. */
export class Unfit extends Error {
  override name = 'Unfit';
  readonly said: { zh: string; en: string };
  readonly todo: { zh: string; en: string };
  /** It goes on by itself when the account's credential is renewed. */
  readonly parked: boolean;

  constructor(said: Unfit['said'], todo: Unfit['todo'], options?: ErrorOptions & { parked?: boolean }) {
    super(said.en, options);
    this.said = said;
    this.todo = todo;
    this.parked = options?.parked ?? false;
  }
}

/** Throws Unfit where the channel or account is missing or its settings no longer fit. */
export async function prepareErrand(
  row: Delivery,
  account: AccountRow | undefined,
  unitName: string,
  means: PublishMeans,
): Promise<Errand> {
  const channel = means.channels.get(row.channel);
  if (!channel) {
    throw new Unfit(
      { zh: `本机未安装渠道“${row.channel}”。`, en: `Channel "${row.channel}" is not installed here.` },
      { zh: '请联系运维安装该渠道后重试。', en: 'Ask operations to install it, then retry.' },
    );
  }
  if (!account?.enabled) {
    throw new Unfit(
      { zh: '该账号已停用或已删除。', en: 'The account is disabled or gone.' },
      { zh: '请启用或重新导入该账号后重试。', en: 'Enable or import it again, then retry.' },
    );
  }
  // Only what would be sent is held back: reading back may well need no credential.
  if (
    account.credential.state === 'dead' &&
    (row.state === 'queued' || row.state === 'sending' || row.state === 'waiting')
  )
    throw parkedFor(account);
  const content = await loadContent(means.store, row.revision);
  const owner = opened(channel, account, unitName, means);
  return {
    row,
    channel,
    account: owner,
    rendition: renditionFor(channel, content, owner),
    // The time limit covers one call of the channel as a whole.
    call: { key: row._id, release: content, ...means.callFor(channel, timeLimit(channel.limits.publishSeconds)) },
  };
}

function parkedFor({ name, credential: { cause, todo } }: AccountRow): Unfit {
  return new Unfit(
    {
      zh: `账号“${name}”的凭据已失效，没有发送：${cause?.zh ?? ''}`,
      en: `The credential of "${name}" is dead, so nothing was sent: ${cause?.en ?? ''}`,
    },
    {
      zh: `${todo?.zh ?? '请重新授权该账号。'}凭据恢复后自动继续发送。`,
      en: `${todo?.en ?? 'Authorise the account again.'} It goes on by itself once the credential works.`,
    },
    { parked: true },
  );
}

/** The account as its channel takes it; what cannot be read is for a person. */
function opened(
  channel: Channel,
  account: AccountRow,
  unitName: string,
  means: PublishMeans,
): Account<unknown, unknown> {
  try {
    return openAccount(channel, account, unitName, means.vault);
  } catch (cause) {
    throw new Unfit(
      { zh: '账号的设置或凭证无法读取。', en: "The account's settings or credentials cannot be read." },
      { zh: '请在“账号”页重新导入该账号后重试。', en: 'Import the account again, then retry.' },
      { cause },
    );
  }
}

/** Accounts by id and names of units by id, of all rows at once. */
export async function loadOwners(
  store: Store,
  rows: readonly Delivery[],
): Promise<{ accounts: Map<string, AccountRow>; units: Map<string, string> }> {
  const unique = (pick: (row: Delivery) => string) => [...new Set(rows.map(pick))];
  const [accounts, units] = await Promise.all([
    store.accounts.find({ _id: { $in: unique((row) => row.account) } }).lean(),
    store.organizations.find({ _id: { $in: unique((row) => row.organization) } }, { name: 1 }).lean(),
  ]);
  return {
    accounts: new Map(accounts.map((account) => [account._id, account])),
    units: new Map(units.map((unit) => [unit._id, unit.name])),
  };
}
