export const zh = {
  Immediate: '立即行动',
  Expected: '尽快（约一小时内）',
  Future: '将来',
  Past: '已过',
  Unknown: '未知',
};

export const en: typeof zh = {
  Immediate: 'At once',
  Expected: 'Soon (within an hour)',
  Future: 'Later',
  Past: 'Past',
  Unknown: 'Unknown',
};
