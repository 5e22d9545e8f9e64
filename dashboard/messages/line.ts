export const zh = {
  lost: '连接中断，正在重连…',
  last: '以下为 {time} 的数据，可能已有变化。',
  open: '实时',
};

export const en: typeof zh = {
  lost: 'Connection lost, reconnecting…',
  last: 'This is the data of {time}; it may have changed.',
  open: 'Live',
};
