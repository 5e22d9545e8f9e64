export const zh = {
  heading: '键盘快捷键',
  help: '显示本说明',
  compose: '新建发布件',
  search: '跳到搜索框',
  close: '关闭弹窗或抽屉',
  save: '保存草稿（撰写页）',
  approve: '通过（审签页）',
  giveBack: '退回（审签页）',
  sign: '签发（审签页）',
  close_button: '关闭',
  note: '所有功能都可用 Tab、方向键与回车操作；在输入框中快捷键不生效。',
};

export const en: typeof zh = {
  heading: 'Keyboard shortcuts',
  help: 'Show this list',
  compose: 'New release',
  search: 'Jump to search',
  close: 'Close a dialog or drawer',
  save: 'Save draft (while composing)',
  approve: 'Pass (review)',
  giveBack: 'Return (review)',
  sign: 'Sign (review)',
  close_button: 'Close',
  note: 'Everything works with Tab, arrow keys and Enter; shortcuts rest while you type in a field.',
};
