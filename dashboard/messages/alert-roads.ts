export const zh = { http: '接口', command: '命令行', file: '上传', feed: '订阅', folder: '监视文件夹' };

export const en: typeof zh = {
  http: 'interface',
  command: 'command',
  file: 'upload',
  feed: 'feed',
  folder: 'watched folder',
};
