export const zh = {
  open: '在审',
  returned: '已退回',
  signed: '已签发',
  overtaken: '已被新版代替',
  taken_back: '已撤回送审',
};

export const en: typeof zh = {
  open: 'Under review',
  returned: 'Returned',
  signed: 'Signed',
  overtaken: 'Overtaken by a newer one',
  taken_back: 'Taken back',
};
