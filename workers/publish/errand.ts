/** One delivery with all that a channel needs to act on it. */
import type { Account, Channel, PublishCall, Rendition } from '../../channels/channel.js';
import type { AccountRow } from '../../server/accounts/account.js';
import type { Delivery } from '../../server/deliveries/delivery.js';
import type { PublishMeans } from './means.js';
import { loadContent, renditionFor } from './renditions.js';

export interface Errand {
  row: Delivery;
  channel: Channel;
  account: Account<unknown, unknown>;
  rendition: Rendition<unknown>;
  call: PublishCall;
}

/** Why an errand cannot even begin; the delivery needs a person. */
export class Unfit extends Error {
  override name = 'Unfit';
  readonly said: { zh: string; en: string };
  readonly todo: { zh: string; en: string };

  constructor(said: Unfit['said'], todo: Unfit['todo'], options?: ErrorOptions) {
    super(said.en, options);
    this.said = said;
    this.todo = todo;
  }
}

/** Throws Unfit where the channel or account is missing or its settings no longer fit. */
export async function prepareErrand(row: Delivery, account: AccountRow | undefined, unitName: string, means: PublishMeans): Promise<Errand> {
  const channel = means.channels.get(row.channel);
  if (!channel) {
    throw new Unfit({ zh: `本机未安装渠道“${row.channel}”。`, en: `Channel "${row.channel}" is not installed here.` },
      { zh: '请联系运维安装该渠道后重试。', en: 'Ask operations to install it, then retry.' });
  }
  if (!account?.enabled) {
    throw new Unfit({ zh: '该账号已停用或已删除。', en: 'The account is disabled or gone.' }, { zh: '请启用或重新导入该账号后重试。', en: 'Enable or import it again, then retry.' });
  }
  const content = await loadContent(means.store, row.revision);
  const opened = openAccount(channel, account, unitName, means);
  return {
    row, channel, account: opened,
    rendition: renditionFor(channel, content, opened),
    call: { ...callFor(channel, means), key: row._id, release: content },
  };
}

function openAccount(channel: Channel, account: AccountRow, unitName: string, means: PublishMeans): Account<unknown, unknown> {
  try {
    return {
      id: account._id, name: account.name, organization: unitName, region: account.region,
      settings: channel.accountSchema.settings.parse(account.settings),
      credentials: channel.accountSchema.credentials.parse(means.openCredentials(account)),
    };
  } catch (cause) {
    throw new Unfit({ zh: '账号的设置或凭证无法读取。', en: 'The account\'s settings or credentials cannot be read.' },
      { zh: '请在“账号”页重新导入该账号后重试。', en: 'Import the account again, then retry.' }, { cause });
  }
}

/** The time limit covers one call of the channel as a whole. */
export function callFor(channel: Channel, means: PublishMeans): Omit<PublishCall, 'key' | 'release'> {
  return {
    signal: AbortSignal.timeout(channel.limits.publishSeconds * 1_000),
    http: means.http,
    memory: means.memoryOf(channel.name),
    media: means.mediaOf(channel.name),
    folder: means.folderOf(channel.name),
    hubUrl: means.hubUrl,
    now: () => new Date(),
  };
}
