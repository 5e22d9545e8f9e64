export const zh = {
  night: '现在是夜间（22:00–06:00），仍要发出',
  words: '上面标出的字样无误',
  live: '同意以实盘演练发到真实账号',
  files: '附件上没有“演练”标记，仍随演练发出',
};

export const en: typeof zh = {
  night: 'It is night (22:00–06:00); send it all the same',
  words: 'The words marked above are right',
  live: 'Send this exercise to real accounts',
  files: 'Send the files with it, although they do not say 演练',
};
