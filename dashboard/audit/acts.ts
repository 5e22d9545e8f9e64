/** The acts of the book in words. One that is not here shows its own name: an auditor can do with that better than with a guess. */
import type { Said } from '../api';

const acts: Readonly<Record<string, Said>> = {
  'session.open': { zh: '登录', en: 'Sign in' },
  'release.save': { zh: '保存发布件', en: 'Save a release' },
  'release.sign': { zh: '签发', en: 'Sign' },
  'release.publish': { zh: '下达发布令', en: 'Order to publish' },
  'release.withdraw': { zh: '撤回', en: 'Withdraw' },
  'account.save': { zh: '新建或修改账号', en: 'Make or change an account' },
  'account.move': { zh: '账号改属单位', en: 'Move an account' },
  'unit.create': { zh: '新建单位', en: 'Make a unit' },
  'unit.change': { zh: '修改单位', en: 'Change a unit' },
  'unit.close': { zh: '停用单位', en: 'Close a unit' },
  'unit.reopen': { zh: '恢复单位', en: 'Open a unit again' },
  'freeze.set': { zh: '冻结', en: 'Freeze' },
  'freeze.thaw': { zh: '解冻', en: 'Thaw' },
  'person.grant': { zh: '授予角色', en: 'Give a role' },
  'person.grant-confirm': { zh: '确认授予角色', en: 'Confirm a role' },
  'person.grant-take': { zh: '收回角色', en: 'Take a role' },
  'person.deputy': { zh: '设置代理', en: 'Name a deputy' },
  'person.deputy-end': { zh: '结束代理', en: 'End a deputy' },
  'person.leave': { zh: '人员离开', en: 'Somebody leaves' },
  'review.submit': { zh: '送审', en: 'Submit for review' },
  'chain.set': { zh: '设置审签流程', en: 'Set a chain of review' },
  'chain.solo': { zh: '设置单人值守', en: 'Set single duty' },
  'evidence.make': { zh: '制作发布存证', en: 'Make evidence' },
  'audit.check': { zh: '核验审计链', en: 'Check the book of acts' },
  'audit.export': { zh: '导出审计记录', en: 'Export the book of acts' },
};

export function actSaid(act: string): Said | undefined {
  return acts[act];
}
