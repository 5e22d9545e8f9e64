export const zh = {
  heading: '撤回发布件',
  lead: '将从 {count} 个账号撤回《{title}》，各版一并撤下。',
  byChannel: '{channel} {count} 个',
  unable: '有的平台不提供撤回接口，这类账号会转为“需人工处理”。',
  reason: '撤回原因',
  reasonHint: '会记入档案，不对公众显示。',
  reasonMissing: '请填写撤回原因。',
  password: '登录密码',
  passwordHint: '撤回立即生效，请再输入一次您的登录密码。',
  submit: '从 {count} 个账号撤回',
  done: '撤回已下达，进展见下方明细。',
};

export const en: typeof zh = {
  heading: 'Withdraw the release',
  lead: '“{title}” will be withdrawn from {count} accounts, in every revision.',
  byChannel: '{channel} {count}',
  unable: 'Some platforms offer no call for this; those accounts will ask for a person.',
  reason: 'Reason',
  reasonHint: 'Kept on record, not shown to the public.',
  reasonMissing: 'Give the reason.',
  password: 'Password',
  passwordHint: 'A withdrawal takes effect at once; type your password once more.',
  submit: 'Withdraw from {count} accounts',
  done: 'Withdrawal ordered; follow it below.',
};
