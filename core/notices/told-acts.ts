/**
 * Acts that are told to the person whose account they change, so that nobody finds a stranger at their account too late.
 * The book calls this with every entry it writes: what changes an account cannot forget to tell.
 */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { roleNames, type Role } from '../model/roles.js';
import type { Store } from '../store/store.js';
import { tellPerson } from './personal.js';

/** What an entry of the book says, as far as it is told. */
interface Done {
  act: string;
  outcome: string;
  who?: unknown;
  on: Readonly<Record<string, string>>;
  before?: unknown;
  after?: unknown;
}

interface Grant {
  role?: Role;
  asked?: boolean;
}

type Words = (done: { before: unknown; after: unknown }) => Said | undefined;

const always =
  (zh: string, en: string): Words =>
  () => ({ zh, en });

const ofRole =
  (which: 'before' | 'after', zh: string, en: string): Words =>
  (done) => {
    const { role } = (done[which] ?? {}) as Grant;
    const name = role ? roleNames[role] : { zh: '', en: '' };
    return { zh: zh.replace('{role}', name.zh), en: en.replace('{role}', name.en) };
  };

/** By the name of the act. Others are told of nothing that is theirs, or to nobody who could still read it. */
export const toldActs: Readonly<Record<string, Words>> = {
  'account.password': always('您的登录密码已修改。', 'Your password was changed.'),
  'account.address': always('您的邮箱已修改。', 'Your address was changed.'),
  'account.factor': always('您的动态口令已启用或更换。', 'Your second step was set up or renewed.'),
  'account.factor-off': always('您的动态口令已关闭。', 'Your second step was turned off.'),
  'account.recovery': always('您的恢复码已重新生成。', 'Your recovery codes were made anew.'),
  'account.key': always('以您的名义新建了一个接口密钥。', 'An API key was made in your name.'),
  'account.key-revoke': always('您的一个接口密钥已作废。', 'One of your API keys was revoked.'),
  'session.revoke': always('您的一个登录会话被结束。', 'One of your sessions was ended.'),
  'person.link': always('{by}为您生成了设定密码的链接。', '{by} made a link by which your password can be set.'),
  'person.link-accept': always('您的密码已通过一次性链接设定。', 'Your password was set by a one-time link.'),
  'person.edit': always('{by}修改了您的姓名或邮箱。', '{by} changed your name or address.'),
  'person.move': always('{by}把您调到了另一个单位。', '{by} moved you to another unit.'),
  'person.enable': always('{by}重新启用了您的账户。', '{by} enabled your account again.'),
  'person.factor-off': always('{by}解除了您的动态口令。', '{by} took off your second step.'),
  'person.rescue': always('您的密码在服务器上被重设。', 'Your password was reset on the machine.'),
  'person.grant': (done) =>
    ((done.after ?? {}) as Grant).asked
      ? ofRole(
          'after',
          '{by}拟授予您“{role}”，等另一位管理员确认。',
          '{by} wants you to be {role}; another admin confirms it.',
        )(done)
      : ofRole('after', '{by}授予您“{role}”。', '{by} gave you the role of {role}.')(done),
  'person.grant-confirm': ofRole('after', '{by}确认了您的“{role}”。', '{by} confirmed your role of {role}.'),
  'person.grant-take': ofRole('before', '{by}收回了您的“{role}”。', '{by} took back your role of {role}.'),
  'person.deputy': ofRole('after', '{by}请您代理“{role}”。', '{by} named you a deputy as {role}.'),
  'person.deputy-end': ofRole('before', '{by}结束了您代理的“{role}”。', '{by} ended your standing in as {role}.'),
  'person.groups': ({ after }) => {
    const { taken = [], added = [] } = (after ?? {}) as { taken?: string[]; added?: string[] };
    if (taken.length + added.length === 0) return undefined;
    return {
      zh: '您的角色已按统一身份认证的分组更新。',
      en: 'Your roles were brought in line with your groups at the identity provider.',
    };
  },
  'identity.bind': always('一个统一身份已绑定到您的账户。', 'An identity of the provider was bound to your account.'),
  'identity.confirm': always(
    '{by}把一个统一身份绑定到了您的账户。',
    '{by} bound an identity of the provider to your account.',
  ),
};

/** What to do where it was not oneself. */
const notMe: Said = {
  zh: '如果不是您本人所为，也无人告知过您，请立即联系系统管理员，并在“我的安全设置”核对。',
  en: 'If it was not you and nobody told you, call your admin at once and look at your security settings.',
};

/** Tells whoever an entry is about, in its commit. */
export async function tellOfAct(store: Store, done: Done, session: ClientSession): Promise<void> {
  const { person } = done.on;
  if (done.outcome !== 'done' || person === undefined || !Object.hasOwn(toldActs, done.act)) return;
  const said = toldActs[done.act]?.({ before: done.before, after: done.after });
  if (!said) return;
  const by =
    typeof done.who === 'object' && done.who !== null && 'person' in done.who ? String(done.who.person) : undefined;
  const own = by === undefined || by === person;
  await tellPerson(
    store,
    { person, level: own ? 'info' : 'warning', said, todo: notMe, to: '/security', ...(by !== undefined && { by }) },
    session,
  );
}
