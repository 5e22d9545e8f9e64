export const zh = {
  verified: '已核验',
  confirmed: '人工确认',
  under_way: '进行中',
  waiting: '等待重试',
  needs_action: '需人工处理',
  failed: '失败',
  taken_back: '取消 / 撤回',
};

export const en: typeof zh = {
  verified: 'Verified',
  confirmed: 'Confirmed',
  under_way: 'Under way',
  waiting: 'Waiting',
  needs_action: 'Needs a person',
  failed: 'Failed',
  taken_back: 'Cancelled / withdrawn',
};
