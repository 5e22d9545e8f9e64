/** Why a seal does not hold, in plain words. What to do about it is the same each time: see `todo`. */
import type { Said } from '../../channels/channel.js';

const faults = {
  unsigned: ['这道发布令没有签名。', 'The order bears no signature.'],
  one_signature: ['联动发布缺少第二位签发人的签名。', 'The broadcast lacks the signature of a second person.'],
  unreadable: ['签名的内容无法读取。', 'What was signed cannot be read.'],
  another_hub: ['签名属于另一个系统。', 'The signature belongs to another hub.'],
  row_differs: ['发布令中的“{what}”与签名的内容不符。', 'The order’s “{what}” is not what was signed.'],
  chain_unmet: ['签名不满足审签流程（{what}）。', 'The signatures do not satisfy the chain of review ({what}).'],
  key_unknown: ['签名所用的密钥不是本系统登记的（{what}）。', 'The key is not one that this hub registered ({what}).'],
  key_retired: ['签名时该密钥已停用（{what}）。', 'The key was retired before it signed ({what}).'],
  signature_wrong: ['签名与内容不符（{what}）。', 'A signature does not fit what it is under ({what}).'],
  text_changed: ['正文在签发之后被改动。', 'The text was changed after it was signed.'],
  accounts_changed: ['签发时的账号名单缺失或被改动。', 'The list of accounts that was signed is gone or was changed.'],
  rendition_changed: [
    '该账号的渠道稿与签发时的不同（账号设置或模板在签发后改过）。',
    'What this account would show is not what was signed: its settings or the template have changed since.',
  ],
  outside: ['该账号不在签发的投放范围内。', 'The account is outside the audience that was signed.'],
  step_differs: ['待办中的“{what}”与签发的发布令不符。', 'The step’s “{what}” is not what the signed order says.'],
  no_order: ['没有要求这样投递的发布令。', 'No order asks for this.'],
  too_early: ['未到签发的时间（{what}）。', 'It may not leave before {what}.'],
} as const satisfies Record<string, readonly [string, string]>;

export type FaultCode = keyof typeof faults;

export interface Fault {
  code: FaultCode;
  said: Said;
}

export function fault(code: FaultCode, what = ''): Fault {
  const [zh, en] = faults[code];
  return { code, said: { zh: zh.replace('{what}', what), en: en.replace('{what}', what) } };
}

export const signAgain: Said = {
  zh: '没有发送。若不是有意改动，请运维核对数据库和 Redis 的访问记录；确需发布的，请重新签发。',
  en: 'Nothing was sent. Unless it was changed on purpose, have operations look who reached the database and Redis; to publish it, sign it again.',
};
