export const zh = {
  legend: '何时发布',
  now: '立即',
  planned: '定时',
  at: '排定时间（北京时间）',
  next: '下一个上班日 9:00',
  said: '将于 {instant}（北京时间）自动发出',
  advice: '提醒：这一天{day}。仍可排定。',
  until: '截止时间（北京时间，选填）',
  untilHint: '到这时仍未开始的，不再发出。',
};

export const en: typeof zh = {
  legend: 'When',
  now: 'At once',
  planned: 'At a set time',
  at: 'Time (Beijing)',
  next: 'Next working day, 9:00',
  said: 'Goes out by itself on {instant}, Beijing time',
  advice: 'Note: that day is {day}. It may be planned all the same.',
  until: 'Not after (Beijing time, optional)',
  untilHint: 'What has not begun by then does not go out.',
};
