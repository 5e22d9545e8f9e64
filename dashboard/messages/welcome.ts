export const zh = {
  heading: '{name}，欢迎',
  reset: '{name}，请重设密码',
  lead: '登录名是 {name}。请设定自己的密码；链接在 {time} 前有效，只能用一次。',
  submit: '设定密码',
  provider: '用统一身份认证',
  over: '链接不能用了',
};

export const en: typeof zh = {
  heading: 'Welcome, {name}',
  reset: '{name}, choose a new password',
  lead: 'Your sign-in name is {name}. Choose a password of your own; the link works once, until {time}.',
  submit: 'Set password',
  provider: 'Use the identity provider',
  over: 'This link does not work',
};
