export const zh = {
  news: '新闻',
  notice: '通知公告',
  policy: '政策文件',
  interpretation: '政策解读',
  emergency: '应急信息',
  live: '直播',
};

export const en: typeof zh = {
  news: 'News',
  notice: 'Notice',
  policy: 'Policy',
  interpretation: 'Interpretation',
  emergency: 'Emergency',
  live: 'Live',
};
