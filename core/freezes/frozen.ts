/** Whether something is frozen, and what is said of it: pure functions over the freezes in force. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import type { Said } from '../../channels/channel.js';
import type { Freeze, FreezeScope } from '../model/freeze.js';
import { isWithin, regionRange } from '../model/organization.js';
import type { Lane } from '../model/placement.js';

/** Where something would become public. */
export interface FreezeTarget {
  /** Whose text it is; absent of what others post. */
  release?: string;
  /** It is the release's own all-clear. */
  lifts?: boolean;
  channel: string;
  account: string;
  /** Of the unit that owns the account, as in `Organization`. */
  path: string;
  region: string;
}

/** The oldest freeze that holds this, if any. The emergency lane is held only by one that names it. */
export function frozen<F extends Pick<Freeze, 'scope' | 'within' | 'emergencyToo'>>(
  freezes: readonly F[],
  target: FreezeTarget,
  lane: Lane,
): F | undefined {
  return freezes.find(
    ({ scope, within, emergencyToo }) =>
      (lane === 'routine' || emergencyToo) &&
      within.some((place) => isWithin(target.path, place)) &&
      holds(scope, target),
  );
}

function holds(scope: FreezeScope, { channel, account, path, region, release, lifts }: FreezeTarget): boolean {
  switch (scope.kind) {
    case 'everything':
      return true;
    case 'region': {
      const { $gte, $lte } = regionRange(scope.region);
      return region >= $gte && region <= $lte;
    }
    case 'organization':
      return path.split('/').includes(scope.organization);
    case 'channel':
      return channel === scope.channel;
    case 'account':
      return account === scope.account;
    case 'release':
      // What was paused because it is wrong is lifted without being resumed first.
      return release === scope.release && lifts !== true;
  }
}

export function isSameScope(one: FreezeScope, other: FreezeScope): boolean {
  return scopeKey(one) === scopeKey(other);
}

function scopeKey(scope: FreezeScope): string {
  switch (scope.kind) {
    case 'everything':
      return scope.kind;
    case 'region':
      return `region ${scope.region}`;
    case 'organization':
      return `organization ${scope.organization}`;
    case 'channel':
      return `channel ${scope.channel}`;
    case 'account':
      return `account ${scope.account}`;
    case 'release':
      return `release ${scope.release}`;
  }
}

/** What is frozen, in words. */
export function scopeSaid({ scope, name }: Pick<Freeze, 'scope' | 'name'>): Said {
  switch (scope.kind) {
    case 'everything':
      return { zh: '全部', en: 'everything' };
    case 'region':
      return { zh: `地区 ${scope.region}`, en: `region ${scope.region}` };
    case 'organization':
      return { zh: `${name ?? scope.organization}及下属单位`, en: `${name ?? scope.organization} and the units below` };
    case 'channel':
      return { zh: `渠道 ${name ?? scope.channel}`, en: `channel ${name ?? scope.channel}` };
    case 'account':
      return { zh: `账号 ${name ?? scope.account}`, en: `account ${name ?? scope.account}` };
    case 'release':
      return { zh: `《${name ?? scope.release}》（暂停）`, en: `"${name ?? scope.release}", paused` };
  }
}

/** Why a placement waits. */
export function frozenSaid(freeze: Pick<Freeze, 'scope' | 'name' | 'reason' | 'at'>): Said {
  const { zh, en } = scopeSaid(freeze);
  const since = beijingMinute(freeze.at);
  return {
    zh: `已冻结（${zh}），没有发出。原因：${freeze.reason}。冻结时间：${since}。解冻后自动继续。`,
    en: `Frozen (${en}), so nothing was sent. Reason: ${freeze.reason}. Since ${since}. It goes on by itself once thawed.`,
  };
}
