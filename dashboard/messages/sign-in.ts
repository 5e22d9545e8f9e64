export const zh = {
  identityWaiting:
    '您的统一身份还没有对应的人员，已提交系统管理员确认。请把核对码 {number} 告诉系统管理员，确认后再登录。',
  heading: '登录',
  name: '用户名',
  password: '密码',
  submit: '登录',
  busy: '正在登录…',
  lead: '一次成稿，送达政府网站、微信、微博、客户端，每个账号都如实回报。',
  again: '登录已过期，请重新登录，之后回到原来的页面。',
  welcome: '密码已设定，请登录。',
  provider: '用统一身份认证登录',
  providerRefused:
    '不能用这个统一身份登录。第一次使用请打开管理员发给您的邀请链接，在那里选择“用统一身份认证”；仍不行请联系管理员。',
  providerClock:
    '统一身份认证发来的凭证不在有效时间内，两边的时钟可能不一致。请再登录一次；仍不行请运维校准服务器时间。',
  providerAway: '统一身份认证暂时连接不上。请稍后再试，或用用户名和密码登录。',
  linkOver: '邀请链接已经失效。请联系本单位的系统管理员重新发一个。',
  codeHeading: '第二步',
  codeLead: '请输入手机验证器上的六位数字；手机不在身边时输入一个恢复码。',
  startOver: '换一个用户登录',
  codeUsed: '已用恢复码登录',
  codesLeft: '恢复码还剩 {count} 个。用完之前请到安全设置重新生成。',
};

export const en: typeof zh = {
  identityWaiting:
    "Your identity is nobody's here yet; an admin was asked to confirm it. Tell your admin the number {number}, and sign in again once it is confirmed.",
  heading: 'Sign in',
  name: 'Name',
  password: 'Password',
  submit: 'Sign in',
  busy: 'Signing in…',
  lead: 'Written once, sent to website, WeChat, Weibo and app; every account reports back the truth.',
  again: 'Your session has ended. Sign in again and you return to where you were.',
  welcome: 'The password is set. Please sign in.',
  provider: 'Sign in by the identity provider',
  providerRefused:
    'This identity cannot sign in here. The first time, open the invitation of your admin and choose the provider there; else ask your admin.',
  providerClock:
    'What the provider sent is not valid at this time; the two clocks may differ. Sign in once more; if it stays, operations should set the clock.',
  providerAway: 'The identity provider does not answer. Try again later, or sign in with name and password.',
  linkOver: "The invitation is over. Ask your unit's admin for a new link.",
  codeHeading: 'Second step',
  codeLead: 'Type the six digits that your app shows; without the phone, a recovery code.',
  startOver: 'Sign in as somebody else',
  codeUsed: 'You signed in with a recovery code',
  codesLeft: '{count} recovery codes are left. Make new ones under My security before they run out.',
};
