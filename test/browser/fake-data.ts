/** A small government for the browser tests. */
import type { PlacementBody } from '../../core/placements/report.js';
import type { AccountBody } from '../../server/contract/accounts.js';
import type { ChannelInfo } from '../../server/contract/channels.js';
import type { OrganizationBody } from '../../server/contract/organizations.js';
import type { ReleaseBody } from '../../server/contract/releases.js';

export const user = { id: 'u1', name: 'zhangmin', displayName: '张敏' };

export const channels: ChannelInfo[] = [
  { name: 'website', label: { zh: '政府网站', en: 'Website' }, settings: {}, credentials: {}, authorisable: false },
  { name: 'wechat', label: { zh: '微信公众号', en: 'WeChat' }, settings: {}, credentials: {}, authorisable: false },
  { name: 'weibo', label: { zh: '微博', en: 'Weibo' }, settings: {}, credentials: {}, authorisable: true },
  { name: 'app', label: { zh: '客户端', en: 'App' }, settings: {}, credentials: {}, authorisable: false },
];

export const units: OrganizationBody[] = [
  { id: 'province', name: '示例省人民政府', region: '350000' },
  { id: 'city-a', name: '示例市人民政府', parent: 'province', region: '350100' },
  { id: 'city-b', name: '临江市人民政府', parent: 'province', region: '350200' },
  { id: 'county', name: '鼓山区人民政府', parent: 'city-a', region: '350102' },
];

const places = ['示例市', '临江市', '鼓山区', '海门县', '青原县', '望城区'];
const kindsOfState: { state: PlacementBody['state']; share: number }[] = [
  { state: 'verified', share: 60 },
  { state: 'confirmed', share: 2 },
  { state: 'published', share: 12 },
  { state: 'accepted', share: 10 },
  { state: 'sending', share: 8 },
  { state: 'queued', share: 12 },
  { state: 'waiting', share: 6 },
  { state: 'needs_action', share: 6 },
  { state: 'failed', share: 4 },
];

function stateAt(index: number): PlacementBody['state'] {
  // 37 has no factor in common with 120: the states are spread over the channels.
  let place = (index * 37) % 120;
  for (const { state, share } of kindsOfState) if ((place -= share) < 0) return state;
  return 'queued';
}

/** What happens when a placement comes to a state. */
export const happenedBy: Readonly<Record<PlacementBody['state'], PlacementBody['events'][number]['is']>> = {
  queued: 'retry',
  sending: 'sending',
  waiting: 'nothing',
  accepted: 'accepted',
  published: 'read',
  verified: 'read',
  confirmed: 'confirmed',
  needs_action: 'person',
  failed: 'nothing',
  cancelled: 'given_up',
  withdrawn: 'withdrawn',
};

/** What stands where a placement is in this state, and how we know. */
export function knownOf(
  row: Pick<PlacementBody, 'id' | 'release' | 'wanted'>,
  state: PlacementBody['state'],
  at: string,
): Pick<PlacementBody, 'standing' | 'evidence' | 'url'> {
  const { seq, revision } = row.wanted;
  const url = `https://www.example.gov.cn/art/${row.id}.html`;
  if (revision === undefined || !['accepted', 'published', 'verified', 'confirmed'].includes(state))
    return { standing: [] };
  if (state === 'accepted') return { standing: [{ seq, revision, seen: 'accepted' }] };
  const evidence: PlacementBody['evidence'] =
    state === 'verified'
      ? { by: 'machine', at, said: { zh: '标题、正文与签发一致。', en: 'Title and text are what was signed.' } }
      : state === 'confirmed'
        ? { by: 'person', who: user.id, at, note: '已登录后台查看。', url }
        : undefined;
  return { standing: [{ seq, revision, seen: 'published', url }], url, ...(evidence && { evidence }) };
}

/** `count` placements of a release over the four channels; in every state, unless one is told. */
export function placementsOf(
  release: string,
  count: number,
  only?: PlacementBody['state'],
  revision = `${release}-v1`,
): PlacementBody[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => {
    const state = only ?? stateAt(index);
    const channel = channels[index % 4]?.name ?? 'website';
    const place = places[index % places.length] ?? '';
    const at = new Date(now - (count - index) * 1_000).toISOString();
    const row: PlacementBody = {
      id: `${release}-${String(index).padStart(4, '0')}`,
      release,
      channel,
      account: `a${index}`,
      accountName: `${place}发布${index + 1}`,
      organization: 'city-a',
      organizationName: `${place}人民政府办公室`,
      region: '350100',
      lane: release === 'r1' ? 'emergency' : 'routine',
      state,
      since: at,
      attempts: state === 'queued' ? 0 : 1,
      wanted: { seq: 1, revision },
      standing: [],
      events: [{ id: `e${index}-1`, is: 'wanted', to: 'queued', at, seq: 1, by: 'dispatch' }],
    };
    Object.assign(row, knownOf(row, state, at));
    if (state !== 'queued')
      row.events.push({ id: `e${index}-2`, is: 'sending', to: 'sending', at, seq: 1, by: 'publish' });
    return withCause(row, at);
  });
}

function withCause(row: PlacementBody, at: string): PlacementBody {
  const { state } = row;
  if (state === 'waiting')
    Object.assign(row, {
      dueAt: new Date(Date.now() + 600_000).toISOString(),
      cause: { zh: '该账号本小时的发布次数已用完。', en: 'The hourly quota of the account is used up.' },
      platform: { code: '20016', words: 'out of rate limit' },
    });
  if (state === 'failed')
    Object.assign(row, {
      cause: { zh: '平台认为内容含有不支持的链接，已拒绝。', en: 'The platform refused a link in the text.' },
      todo: {
        zh: '请修改正文中的外部链接后另存新版再发。',
        en: 'Change the external link and publish a new revision.',
      },
      platform: { code: '45166', words: 'invalid content hint: [x1]', requestId: 'req-7781' },
    });
  if (state === 'needs_action')
    Object.assign(row, {
      cause: { zh: '请求已发出，平台没有回答，结果不明。', en: 'The request left and no answer came.' },
      todo: {
        zh: '请登录公众号后台查看是否已发布，再据实确认结果。',
        en: 'Look in the back end whether it is published, then say so.',
      },
      platform: { code: '-1', words: 'system busy' },
    });
  if (state !== 'queued' && state !== 'sending')
    row.events.push({
      id: `${row.id}-last`,
      is: happenedBy[state],
      to: state,
      at,
      seq: 1,
      by: state === 'confirmed' ? user.id : state === 'verified' || state === 'published' ? 'verify' : 'publish',
      ...(row.cause && { cause: row.cause }),
      ...(row.todo && { todo: row.todo }),
      ...(row.platform && { platform: row.platform }),
      ...(row.dueAt && { dueAt: row.dueAt }),
      ...(row.url && { url: row.url }),
    });
  return row;
}

export function accountsOf(count: number): AccountBody[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `a${index}`,
    channel: channels[index % 4]?.name ?? 'website',
    name: `${places[index % places.length]}发布`,
    organization: 'city-a',
    organizationName: `${places[index % places.length]}人民政府`,
    region: '350100',
    tags: index % 3 === 0 ? ['应急', '市级'] : [],
    enabled: index !== 7,
    settings: {},
    credential:
      index % 5 === 1
        ? {
            state: 'dead',
            checkedAt: new Date().toISOString(),
            cause: { zh: '授权已过期。', en: 'The authorization has expired.' },
            todo: { zh: '请账号管理员重新授权后再检查。', en: 'Have the account re-authorised, then check again.' },
          }
        : index % 5 === 4
          ? { state: 'unchecked' }
          : { state: 'ok', checkedAt: new Date().toISOString(), daysLeft: 21 },
  }));
}

export function releaseOf(
  id: string,
  title: string,
  kind: ReleaseBody['kind'],
  signed: boolean,
  revisions = 1,
): ReleaseBody {
  const at = new Date().toISOString();
  return {
    id,
    title,
    kind,
    revisions,
    createdAt: at,
    updatedAt: at,
    createdBy: user.id,
    ...(signed && { publishedAt: at, signed: `${id}-v${revisions}` }),
    revision: {
      id: `${id}-v${revisions}`,
      number: revisions,
      kind,
      language: 'zh-Hans',
      title,
      summary: '',
      body: '<p>正文。</p>',
      source: '示例市人民政府办公室',
      columns: [],
      keywords: [],
      pictures: [],
      attachments: [],
      createdAt: at,
      createdBy: user.id,
      hash: 'f'.repeat(64),
      ...(signed && { signed: { by: user.id, at } }),
    },
  };
}
