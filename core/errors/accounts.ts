/** Units, accounts and audiences. */
import type { Entry } from './entry.js';

export const accounts = {
  identity_taken: {
    status: 409,
    said: {
      zh: '这个平台账号已由{first}登记，登记两次会对公众重复发布。',
      en: 'This account of the platform is registered already, by {first}; twice would post twice in public.',
    },
    todo: {
      zh: '请核对“{field}”；确需改由本行使用时，先改掉或删除已登记的账号。',
      en: 'Check "{field}"; to use it here, first change or remove the account that has it.',
    },
  },
  credential_anew: {
    status: 422,
    said: {
      zh: '“{field}”要重新填写：{setting} 由 {old} 改为 {new}，原来的凭据不会发往新的地址。',
      en: '"{field}" must be given anew: {setting} changes from {old} to {new}, and the credentials kept are not sent there.',
    },
    todo: {
      zh: '请向账号管理员核实新地址，并在同一行重新填写该账号的全部凭据。',
      en: 'Have the keeper of the account confirm the new address, and give all its credentials anew in the same row.',
    },
  },
  unit_closed: {
    status: 409,
    said: { zh: '该单位或其上级单位已停用。', en: 'The unit, or one above it, is closed.' },
    todo: {
      zh: '请选择其他单位，或请系统管理员恢复该单位。',
      en: 'Choose another unit, or ask an admin to open it again.',
    },
  },
  account_taken: {
    status: 409,
    said: {
      zh: '该单位在这个渠道上已有名为“{name}”的账号。',
      en: 'The unit has an account named "{name}" on this channel.',
    },
    todo: { zh: '请换一个名称，或修改已有的账号。', en: 'Choose another name, or change that account.' },
  },
  account_unknown: {
    status: 422,
    said: {
      zh: '投放范围中的“{account}”不是已登记的账号或单位。',
      en: '"{account}" in the audience is not a known account or unit.',
    },
    todo: {
      zh: '请先导入该账号，或从投放范围中去掉。',
      en: 'Import the account first, or take it out of the audience.',
    },
  },
  audience_empty: {
    status: 422,
    said: { zh: '投放范围内没有可用账号。', en: 'The audience holds no usable account.' },
    todo: { zh: '请调整渠道、地区、单位或标签条件。', en: 'Change the channels, regions, units or tags.' },
  },
  audience_unnamed: {
    status: 422,
    said: {
      zh: '没有写明投放范围：应急信息必须写明发给谁，不写即是全部账号，系统不予受理。',
      en: 'No audience is named: an emergency must say whom it is for; without that it would go to every account, so it is refused.',
    },
    todo: {
      zh: '请写明地区、单位、标签或账号（只选渠道不算）；确要发给全部，请选择最上级单位。',
      en: 'Name regions, units, tags or accounts (channels alone do not count); where it is for all, name the highest unit.',
    },
  },
  channel_unknown: {
    status: 422,
    said: { zh: '没有“{channel}”这个渠道。', en: 'There is no channel "{channel}".' },
    todo: { zh: '可用渠道：{known}。', en: 'Known channels: {known}.' },
  },
  authorisation_unavailable: {
    status: 409,
    said: { zh: '不能在这里授权：{reason}。', en: 'It cannot be authorised here: {reason}.' },
    todo: {
      zh: '请按原因处理；也可以在平台取得凭据后重新导入该账号。',
      en: 'Do as the reason says, or get the credentials from the platform and import the account again.',
    },
  },
  move_forbidden: {
    status: 409,
    said: {
      zh: '该发布位当前为“{from}”，不能进行此操作。',
      en: 'This placement is "{from}"; that cannot be done now.',
    },
    todo: { zh: '请刷新页面查看最新状态。', en: 'Reload to see its present state.' },
  },
} as const satisfies Record<string, Entry>;
