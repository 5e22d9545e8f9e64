export const zh = { Observed: '已发生', Likely: '很可能', Possible: '可能', Unlikely: '不太可能', Unknown: '未知' };

export const en: typeof zh = {
  Observed: 'Observed',
  Likely: 'Likely',
  Possible: 'Possible',
  Unlikely: 'Unlikely',
  Unknown: 'Unknown',
};
