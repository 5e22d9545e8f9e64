export const zh = {
  heading: '摸底：发给谁，发不到谁',
  regions: '{accounts} 个账号，分布在 {regions} 个地区',
  regionTable: '按地区和渠道的账号数',
  total: '合计',
  both: '图形内 {shape} 个，区划代码内 {code} 个，合计 {together} 个。',
  crosses: '第 {number} 个图形的边线在 {place} 处自相交，两侧都算在内，请确认。',
  excepted: '另按排除条件去掉 {count} 个账号。',
  gaps: '缺口',
  noGaps: '没有发现缺口。',
};

export const en: typeof zh = {
  heading: 'Whom it reaches, and whom not',
  regions: '{accounts} accounts in {regions} regions',
  regionTable: 'Accounts by region and channel',
  total: 'Total',
  both: '{shape} by shape, {code} by code, {together} together.',
  crosses: 'The line of shape {number} crosses itself at {place}; both sides count. Please confirm.',
  excepted: '{count} more accounts are left out by name.',
  gaps: 'Gaps',
  noGaps: 'No gaps were found.',
};
