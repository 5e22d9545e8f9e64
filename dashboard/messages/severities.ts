export const zh = { Extreme: '特别严重', Severe: '严重', Moderate: '中等', Minor: '轻微', Unknown: '未知' };

export const en: typeof zh = {
  Extreme: 'Extreme',
  Severe: 'Severe',
  Moderate: 'Moderate',
  Minor: 'Minor',
  Unknown: 'Unknown',
};
