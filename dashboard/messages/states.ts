export const zh = {
  verified: '已核验',
  confirmed: '人工确认',
  published: '已公开',
  accepted: '平台已接收',
  sending: '发送中',
  queued: '排队中',
  waiting: '等待重试',
  needs_action: '需人工处理',
  failed: '失败',
  cancelled: '已取消',
  withdrawn: '已撤回',
};

export const en: typeof zh = {
  verified: 'Verified',
  confirmed: 'Confirmed by a person',
  published: 'Published',
  accepted: 'Accepted',
  sending: 'Sending',
  queued: 'Queued',
  waiting: 'Waiting',
  needs_action: 'Needs a person',
  failed: 'Failed',
  cancelled: 'Cancelled',
  withdrawn: 'Withdrawn',
};
