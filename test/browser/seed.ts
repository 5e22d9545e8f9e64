/** A small government in the store of a browser test: units, accounts, three releases, and placements in every state. */
import type { Remote, Said } from '../../channels/channel.js';
import type { Emergency } from '../../channels/emergency.js';
import type { RunningSandbox } from '../../channels/sandbox.js';
import type { Hub } from '../../core/hub/hub.js';
import { newId } from '../../core/ids.js';
import type { AccountRow, Credential } from '../../core/model/account.js';
import type { Order } from '../../core/model/order.js';
import type { Notice } from '../../core/model/notice.js';
import type { Organization } from '../../core/model/organization.js';
import { placementId, wantedOf, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import { deadlines, type PlacementState } from '../../core/model/states.js';
import { applyEvents } from '../../core/placements/apply.js';
import { firstKnown } from '../../core/placements/protocol.js';
import { openOrders } from '../../core/placements/orders.js';
import { openOwnWord } from '../../core/placements/own-word.js';
import { composeContent } from '../../core/releases/compose.js';
import { releaseInput, type ReleaseInput } from '../../core/releases/input.js';
import { createRelease, updateRelease } from '../../core/releases/revisions.js';
import type { Happening } from './hub.js';

export const user = { _id: 'u1', name: 'zhangmin', displayName: '张敏' };
export const password = 'right';

const people = ['Person', 'Grant', 'ApiKey'];

const said = (zh: string, en: string): Said => ({ zh, en });

const units: Organization[] = [
  { _id: 'province', name: '示例省人民政府', path: 'province/', region: '350000' },
  { _id: 'city-a', name: '示例市人民政府', parent: 'province', path: 'province/city-a/', region: '350100' },
  { _id: 'city-b', name: '临江市人民政府', parent: 'province', path: 'province/city-b/', region: '350200' },
  { _id: 'gushan', name: '鼓山区人民政府', parent: 'city-a', path: 'province/city-a/gushan/', region: '350102' },
  { _id: 'haimen', name: '海门县人民政府', parent: 'city-b', path: 'province/city-b/haimen/', region: '350221' },
  { _id: 'qingyuan', name: '青原县人民政府', parent: 'city-b', path: 'province/city-b/qingyuan/', region: '350222' },
  { _id: 'wangcheng', name: '望城区人民政府', parent: 'city-b', path: 'province/city-b/wangcheng/', region: '350203' },
];
/** Those that have accounts, in turn. */
const keepers = ['city-a', 'city-b', 'gushan', 'haimen', 'qingyuan', 'wangcheng'];
const channels = ['website', 'wechat', 'weibo', 'app'];

/** How many of the 120 placements of the emergency are in each state. */
export const shares = {
  verified: 60,
  confirmed: 2,
  published: 12,
  accepted: 10,
  sending: 8,
  queued: 12,
  waiting: 6,
  needs_action: 6,
  failed: 4,
} as const satisfies Partial<Record<PlacementState, number>>;
type SeededState = keyof typeof shares;
export const accountCount = 120;
/** One account is switched off. */
export const reached = accountCount - 1;
const switchedOff = 7;

function stateAt(index: number): SeededState {
  // 37 has no factor in common with 120: the states are spread over the channels.
  let place = (index * 37) % accountCount;
  for (const [state, share] of Object.entries(shares) as [SeededState, number][])
    if ((place -= share) < 0) return state;
  return 'queued';
}

/** What is known of a placement once it has come to the state. */
const histories: Record<SeededState, (row: Placement) => Happening[]> = {
  queued: () => [],
  sending: () => [{ is: 'sending' }],
  accepted: (row) => [{ is: 'sending' }, taken(row, 'accepted')],
  published: (row) => [{ is: 'sending' }, taken(row)],
  verified: (row) => [{ is: 'sending' }, taken(row), readBack(row)],
  confirmed: (row) => [
    { is: 'sending' },
    { is: 'person', ...unknownOutcome },
    { is: 'confirmed', by: user._id, url: addressOf(row), note: '已登录后台查看。' },
  ],
  needs_action: () => [{ is: 'sending' }, { is: 'person', ...unknownOutcome }],
  waiting: () => [
    { is: 'sending' },
    {
      is: 'nothing',
      then: 'waiting',
      dueAt: new Date(Date.now() + 600_000),
      cause: said('该账号本小时的发布次数已用完。', 'The hourly quota of the account is used up.'),
      platform: { code: '20016', words: 'out of rate limit' },
    },
  ],
  failed: () => [
    { is: 'sending' },
    {
      is: 'nothing',
      then: 'failed',
      cause: said('平台认为内容含有不支持的链接，已拒绝。', 'The platform refused a link in the text.'),
      todo: said('请修改正文中的外部链接后另存新版再发。', 'Change the external link and publish a new revision.'),
      platform: { code: '45166', words: 'invalid content hint: [x1]', requestId: 'req-7781' },
    },
  ],
};

const unknownOutcome = {
  cause: said('请求已发出，平台没有回答，结果不明。', 'The request left and no answer came.'),
  todo: said('请登录公众号后台查看是否已发布，再据实确认结果。', 'Look in the back end whether it is published.'),
  platform: { code: '-1', words: 'system busy' },
};

function addressOf(row: Placement): string {
  return `https://www.example.gov.cn/art/${row._id}-${wantedOf(row).seq}.html`;
}

function remoteOf(row: Placement): Remote {
  return { id: `${row.account}-${wantedOf(row).seq}`, url: addressOf(row) };
}

function taken(row: Placement, seen: 'accepted' | 'published' = 'published'): Happening {
  return { is: 'accepted', revision: wantedOf(row).revision ?? '', remote: remoteOf(row), seen };
}

function readBack(row: Placement, remote = remoteOf(row)): Happening {
  const cause = said('标题、正文与签发一致。', 'Title and text are what was signed.');
  return { is: 'read', by: 'verify', outcome: 'verified', remote, cause };
}

export class Seed {
  /** Ids of the releases: signed and sent to every account, signed and sent to eight, not signed. */
  emergency = '';
  policy = '';
  draft = '';
  readonly #hub: Hub;
  readonly #weibo: { url: string; sandbox: RunningSandbox };

  constructor(hub: Hub, weibo: { url: string; sandbox: RunningSandbox }) {
    this.#hub = hub;
    this.#weibo = weibo;
  }

  /** Empties the ledger and writes everything anew; people stay, and the book of acts, which is never emptied. */
  async sow(): Promise<void> {
    const { store } = this.#hub;
    for (const [name, model] of Object.entries(store.connection.models))
      if (!people.includes(name) && !name.startsWith('Audit')) await model.deleteMany({});
    await store.organizations.insertMany(units);
    await this.connect(0, accountCount);
    this.draft = await this.write({ title: '尚未签发的草稿', kind: 'news' });
    this.policy = await this.write({ title: '示例市2026年政务公开工作要点', kind: 'policy' });
    await this.send(this.policy, 8, () => 'verified');
    this.emergency = await this.write({
      title: '关于启动防汛防台风Ⅰ级应急响应的紧急通知',
      kind: 'emergency',
      emergency: warning,
    });
    await this.send(this.emergency, accountCount, stateAt);
  }

  /** Accounts `from` …, of all channels and units in turn, or of one unit. */
  async connect(from: number, count: number, unit?: string): Promise<void> {
    const rows = Array.from({ length: count }, (_, place) => this.#account(from + place, unit));
    await this.#hub.store.accounts.insertMany(rows);
  }

  #account(index: number, only?: string): AccountRow {
    const channel = channels[index % channels.length] ?? '';
    const unit = units.find(({ _id }) => _id === (only ?? keepers[index % keepers.length])) ?? units[0];
    const { _id: organization = '', name = '', path = '', region = '' } = unit ?? {};
    const ready = channel === 'weibo' ? this.#weibo.sandbox.account(index) : undefined;
    const id = accountId(index);
    return {
      _id: id,
      channel,
      name: `${name.replace('人民政府', '')}发布${index + 1}`,
      organization,
      path,
      region,
      tags: index % 3 === 0 ? ['应急', '市级'] : [],
      enabled: index !== switchedOff,
      settings: ready ? { ...ready.settings, endpoint: this.#weibo.url } : settingsOf(channel, index),
      sealed: this.#hub.vault.seal(id, ready?.credentials ?? {}),
      credential: credentialOf(index),
      createdAt: new Date(),
    };
  }

  /** A release of one revision, not signed. */
  async write(given: Pick<ReleaseInput, 'title' | 'kind'> & { emergency?: Emergency }): Promise<string> {
    const { content } = await composeContent(this.#hub.store, inputOf(given));
    return (await createRelease(this.#hub.store, content, { by: { person: user._id } })).release._id;
  }

  /** Its next revision, as another page saves it. */
  async revise(release: string, title: string, change?: 'correction' | 'update'): Promise<string> {
    const { store } = this.#hub;
    const before = await store.releases.findById(release).lean();
    if (!before) throw new Error(`no release ${release}`);
    const of = before.signed === undefined ? undefined : { release, change };
    const { content } = await composeContent(store, inputOf({ title, kind: before.kind }), undefined, of);
    return (await updateRelease(store, release, before.revision, content, { by: { person: user._id } })).revision._id;
  }

  /** As another person signs it: the open pages do not hear of it. */
  async sign(release: string): Promise<void> {
    const row = await this.#hub.store.releases.findById(release).lean();
    await openOwnWord(this.#hub.store, openOrders(this.#hub)).sign(release, row?.revision ?? '', user._id);
  }

  /** A signed release that is to go out at this instant. */
  async plan(title: string, notBefore: Date): Promise<Order> {
    const release = await this.write({ title, kind: 'notice' });
    await this.sign(release);
    const row = await this.#hub.store.releases.findById(release).lean();
    const order = { release, revision: row?.revision ?? '', audience: {}, notBefore, by: user._id };
    return openOwnWord(this.#hub.store, openOrders(this.#hub)).publish(order);
  }

  /** Signs the release and puts it on the first accounts, each in its state with the history that leads there. */
  async send(release: string, count: number, state: (index: number) => SeededState): Promise<void> {
    const { store } = this.#hub;
    await this.sign(release);
    const { revision, kind } = (await store.releases.findById(release).lean()) ?? { revision: '', kind: 'news' };
    const lane = kind === 'emergency' ? 'emergency' : 'routine';
    const at = new Date(Date.now() - 60_000);
    const accounts = await store.accounts.find({}).sort({ _id: 1 }).limit(count).lean();
    const rows = accounts.map(({ _id: account, channel, organization, region }, index): Placement => {
      const row: Placement = {
        _id: placementId(release, account),
        release,
        channel,
        account,
        organization,
        region,
        lane,
        state: 'queued',
        since: at,
        dueAt: new Date(at.getTime() + (deadlines.queued ?? 0) * 1_000),
        attempts: 0,
        recent: [],
        version: 0,
        ...firstKnown({ seq: 1, revision }, 'seed'),
      };
      return applyEvents(row, eventsOf(row, histories[state(index)](row), at)) ?? row;
    });
    await store.placements.insertMany(rows);
    await this.#order(
      release,
      revision,
      accounts.map(({ _id }) => _id),
    );
    await store.releases.updateOne({ _id: release }, { $set: { publishedAt: at } });
  }

  /** Sealed as any order is, and worked off already. */
  async #order(release: string, revision: string, accounts: string[]): Promise<void> {
    const { store } = this.#hub;
    const asked = { release, revision, audience: { accounts }, again: true, by: user._id };
    // One of the accounts was switched off later.
    const enable = (enabled: boolean) =>
      store.accounts.updateOne({ _id: accountId(switchedOff) }, { $set: { enabled } });
    await enable(true);
    const prepared = await openOrders(this.#hub).publication(asked);
    const chain = { id: 'seed', version: 1, steps: [{ id: 'sign', role: 'signer' }] };
    const { _id } = await store.connection.transaction((session) =>
      prepared.place({ chain, decisions: [], solo: true }, session),
    );
    await enable(false);
    await store.orders.updateOne({ _id }, { $set: { state: 'done', placements: accounts.length } });
  }

  /** The accounts that the policy went to. */
  get policyAccounts(): string[] {
    return Array.from({ length: 8 }, (_, index) => accountId(index));
  }

  /** The placement of a release on an account. */
  on(release: string, account = 0): string {
    return placementId(release, accountId(account));
  }

  /** What leads a placement to `verified`. */
  landing(row: Placement): Happening[] {
    const stands = row.standing.find(({ revision }) => revision === wantedOf(row).revision);
    return stands ? [readBack(row, stands.remote)] : [taken(row), readBack(row)];
  }

  /** Notices that nobody has seen; the first is the newest. */
  async notice(count: number): Promise<void> {
    const now = Date.now();
    const levels = ['urgent', 'warning', 'good', 'info'] as const;
    await this.#hub.store.notices.insertMany(
      Array.from({ length: count }, (_, index): Notice => ({
        _id: newId('n', now - index),
        at: new Date(now - index),
        level: levels[index % levels.length] ?? 'info',
        said: said(
          `微博账号“示例发布${index}”的凭据还有 7 天到期（2026-12-02）。`,
          `The credential of the Weibo account “示例发布${index}” ends in 7 days (2026-12-02).`,
        ),
        todo: said('请在“账号”页重新授权。', 'Authorise it again under Accounts.'),
        path: '',
        key: `notice ${index}`,
        unseen: true,
      })),
    );
  }
}

export const warning: Emergency = {
  status: 'Actual',
  msgType: 'Alert',
  level: 'red',
  category: 'Met',
  event: '台风',
  areas: [{ name: '福州市' }],
  onset: '2026-11-24T13:00:00.000Z',
  instruction: '停止户外活动。',
  references: [],
};

function inputOf(given: { title: string; kind: ReleaseInput['kind']; emergency?: Emergency }): ReleaseInput {
  return releaseInput.parse({
    ...given,
    source: '示例市人民政府办公室',
    body: { format: 'html', content: '<p>正文。</p>' },
  });
}

function eventsOf(row: Placement, happened: readonly Happening[], at: Date): PlacementEvent[] {
  return happened.map(
    (event, index) =>
      ({ id: `${row._id}-${index}`, at, by: 'publish', seq: 1, try: `t-${row._id}`, ...event }) as PlacementEvent,
  );
}

function accountId(index: number): string {
  return `a${String(index).padStart(4, '0')}`;
}

function credentialOf(index: number): Credential {
  if (index % 5 === 0 && index < 12)
    return {
      state: 'dead',
      checkedAt: new Date(),
      cause: said('授权已过期。', 'The authorization has expired.'),
      todo: said('请账号管理员重新授权后再检查。', 'Have the account re-authorised, then check again.'),
    };
  return index % 5 === 4 ? { state: 'unchecked' } : { state: 'ok', checkedAt: new Date(), daysLeft: 21 };
}

function settingsOf(channel: string, index: number): Record<string, unknown> {
  switch (channel) {
    case 'website':
      return {
        type: 'builtin',
        site: `site-${index}`,
        siteName: '示例市人民政府',
        siteDomain: 'www.example.gov.cn',
        siteIdCode: '3501000001',
      };
    case 'wechat':
      return { appId: `wx${String(index).padStart(16, '0')}` };
    default:
      return { provider: 'none', feed: `feed-${index}`, title: '示例' };
  }
}
