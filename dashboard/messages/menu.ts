export const zh = {
  language: '语言',
  theme: '外观',
  auto: '跟随系统',
  light: '浅色',
  dark: '深色',
  large: '大字',
  security: '我的安全设置',
  shortcuts: '键盘快捷键',
  signOut: '退出登录',
  signedInAs: '已登录：{name}',
};

export const en: typeof zh = {
  language: 'Language',
  theme: 'Appearance',
  auto: 'As the system',
  light: 'Light',
  dark: 'Dark',
  large: 'Large type',
  security: 'My security',
  shortcuts: 'Keyboard shortcuts',
  signOut: 'Sign out',
  signedInAs: 'Signed in as {name}',
};
