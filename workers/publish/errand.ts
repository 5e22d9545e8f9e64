/** One placement with all that a channel needs to act on it. */
import {
  DoorClosed,
  type Account,
  type AccountProfile,
  type Channel,
  type Rendition,
  type StepCall,
} from '../../channels/channel.js';
import { openAccount } from '../../core/accounts/open.js';
import { LianfaError } from '../../core/errors.js';
import type { AccountRow } from '../../core/model/account.js';
import { stepKey, type Lane, type Placement, type Stands } from '../../core/model/placement.js';
import type { Store } from '../../core/store/store.js';
import type { PublishMeans } from './means.js';
import { loadText, renditionFor, type Text } from '../../core/signatures/renditions.js';
import { timeLimit } from './time-limit.js';
import type { From } from './turns.js';

/** What of a placement names it and its account. */
export type Target = Pick<Placement, '_id' | 'release' | 'channel' | 'account' | 'organization' | 'region' | 'lane'>;

/** An account opened for the time of one hand-out. */
export interface Owner {
  channel: Channel;
  account: Account<unknown, unknown>;
}

export interface Errand extends Owner {
  rendition: Rendition<unknown>;
  call: StepCall;
}

/** Why an errand cannot even begin; the placement needs a person. */
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

/** Seconds that a claim holds; an open door leaves it this long again, which is longer than any one request may take. */
export const lease = 30;

/** @throws Unfit where the channel or account is missing or its settings no longer fit; with `sends` also where its credential is dead */
export function ownerOf(
  target: Target,
  account: AccountRow | undefined,
  unitName: string,
  means: PublishMeans,
  sends: boolean,
): Owner {
  const channel = means.channels.get(target.channel);
  if (!channel) {
    throw new Unfit(
      { zh: `本机未安装渠道“${target.channel}”。`, en: `Channel "${target.channel}" is not installed here.` },
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
  if (sends && account.credential.state === 'dead') throw parkedFor(account);
  try {
    return { channel, account: openAccount(channel, account, unitName, means.vault) };
  } catch (cause) {
    throw new Unfit(
      { zh: '账号的设置或凭证无法读取。', en: "The account's settings or credentials cannot be read." },
      { zh: '请在“账号”页重新导入该账号后重试。', en: 'Import the account again, then retry.' },
      { cause },
    );
  }
}

/** Among whom its requests take turns. */
export function fromOf({ channel, account }: Owner): From {
  return { channel: channel.name, host: channel.hostOf(account) };
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

/** Looks at what is about to be published, and throws where that is not what was signed. */
export interface Allow {
  text(text: Text): void;
  rendition(rendition: Rendition<unknown>): void;
}

const readsOnly: Allow = { text: () => undefined, rendition: () => undefined };

/**
 * The errand about one order's revision on the account. `leave` is the door; without it nothing may leave, and nobody
 * needs to allow it. @throws Unfit where the text cannot be handled, or is not allowed
 */
export async function errandFor(
  owner: Owner,
  placement: string,
  about: { seq: number; revision: string; lane: Lane; over?: Stands },
  standing: readonly Stands[],
  means: PublishMeans,
  leave: () => Promise<void> = () => Promise.reject(new DoorClosed('lost')),
  allow: Allow = readsOnly,
): Promise<Errand> {
  const { channel, account } = owner;
  const text = await loadText(means.store, about.revision);
  allow.text(text);
  const rendition = await rendered(channel, text, account, means);
  allow.rendition(rendition);
  return {
    channel,
    account,
    rendition,
    // The time limit covers one call of the channel as a whole.
    call: {
      key: stepKey(placement, about.seq),
      seq: about.seq,
      lane: about.lane,
      release: text.content,
      standing,
      ...(about.over && { over: about.over }),
      leave,
      ...means.callFor(channel, timeLimit(channel.limits.publishSeconds)),
    },
  };
}

async function rendered(
  channel: Channel,
  text: Text,
  account: AccountProfile<unknown>,
  { config }: PublishMeans,
): Promise<Rendition<unknown>> {
  try {
    return await renditionFor(channel, text, account, config.channelFolders);
  } catch (error) {
    // Trying again would take as long; a full queue of threads is another matter, and tried again like any fault.
    if (!(error instanceof LianfaError) || error.code === 'documents_waiting') throw error;
    const { message, todo } = error.toJSON();
    throw new Unfit(message, todo, { cause: error });
  }
}

/** Accounts by id and names of units by id, of all targets at once. */
export async function loadOwners(
  store: Store,
  targets: readonly Target[],
): Promise<{ accounts: Map<string, AccountRow>; units: Map<string, string> }> {
  const unique = (pick: (target: Target) => string): string[] => [...new Set(targets.map(pick))];
  const [accounts, units] = await Promise.all([
    store.accounts.find({ _id: { $in: unique((target) => target.account) } }).lean(),
    store.organizations.find({ _id: { $in: unique((target) => target.organization) } }, { name: 1 }).lean(),
  ]);
  return {
    accounts: new Map(accounts.map((account) => [account._id, account])),
    units: new Map(units.map((unit) => [unit._id, unit.name])),
  };
}
