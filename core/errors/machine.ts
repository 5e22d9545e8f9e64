/** What the machine lacks. */
import type { Entry } from './entry.js';

export const machine = {
  queue_unavailable: {
    status: 503,
    said: {
      zh: '发布队列暂时不可用，内容已保存，未重复发送。',
      en: 'The queue is not available; the content is saved and nothing was sent twice.',
    },
    todo: {
      zh: '系统会自动恢复并继续；若持续 5 分钟请联系运维。',
      en: 'It goes on by itself; call operations if it lasts 5 minutes.',
    },
  },
  redis_unfit: {
    status: 503,
    said: { zh: '这个 Redis（{where}）不能用：{reason}', en: 'This Redis ({where}) cannot be used: {reason}' },
    todo: { zh: '{next}', en: '{next}' },
  },
  store_unfit: {
    status: 503,
    said: { zh: '这个 MongoDB（{where}）不能用：{reason}', en: 'This MongoDB ({where}) cannot be used: {reason}' },
    todo: { zh: '{next}', en: '{next}' },
  },
  outcome_unknown: {
    status: 503,
    said: {
      zh: '数据库在这一步进行中断开了，不知道是否已经完成。',
      en: 'The database went away in the middle of this, and nobody knows whether it was done.',
    },
    todo: {
      zh: '请稍后刷新，看清现在的样子，再决定要不要重做；不要直接重复操作。',
      en: 'Reload in a moment and look at what it says now before you do it again.',
    },
  },
  newer_version: {
    status: 503,
    said: {
      zh: '更新的版本已在运行或已写入数据：{who}。本版只认识格式 {format}，不能同时运行。',
      en: 'A newer version is at work or has written here: {who}. This one knows format {format} alone and cannot run beside it.',
    },
    todo: {
      zh: '请启动新版。确要退回：先停掉全部新版进程，恢复升级前的数据库备份，清空 Redis 和各网站的 public 文件夹，再启动本版。',
      en: 'Start the newer version. To step back: end all of the newer processes, restore the database from before the upgrade, empty Redis and the public folders of sites, then start this one.',
    },
  },
  store_unavailable: {
    status: 503,
    said: { zh: '数据库暂时不可用。', en: 'The database is not available.' },
    todo: { zh: '请稍后重试；若持续出现请联系运维。', en: 'Try again shortly; call operations if it lasts.' },
  },
  storage_unfit: {
    status: 503,
    said: {
      zh: '这个对象存储（{where}）不能用：{reason}',
      en: 'This object storage ({where}) cannot be used: {reason}',
    },
    todo: { zh: '{next}', en: '{next}' },
  },
  storage_not_named: {
    status: 422,
    said: { zh: '没有写明要复制到哪里。', en: 'It is not said where to copy to.' },
    todo: {
      zh: '请设置 STORAGE_URL、STORAGE_ACCESS_KEY 和 STORAGE_SECRET_KEY。',
      en: 'Set STORAGE_URL, STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY.',
    },
  },
  storage_unavailable: {
    status: 503,
    said: { zh: '文件存储暂时不可用。', en: 'The file storage is not available.' },
    todo: {
      zh: '请过 {seconds} 秒再试；若持续出现请联系运维。',
      en: 'Try again in {seconds} seconds; call operations if it lasts.',
    },
  },
  audit_unavailable: {
    status: 503,
    said: {
      zh: '审计记录写不进去，这一步没有执行。',
      en: 'The audit record cannot be written, so this was not done.',
    },
    todo: {
      zh: '请稍后重试；若持续出现，请运维检查数据库的磁盘空间和写权限，再运行 lianfa audit verify。',
      en: 'Try again shortly; if it lasts, operations should check the disk space and write access of the database, then run lianfa audit verify.',
    },
  },
  internal: {
    status: 500,
    said: { zh: '系统内部错误，编号 {reference}。', en: 'Internal error, reference {reference}.' },
    todo: { zh: '请把编号告诉运维人员。', en: 'Tell operations this reference.' },
  },
} as const satisfies Record<string, Entry>;
