export const zh = { Public: '公开', Restricted: '限定范围', Private: '点名发送' };

export const en: typeof zh = { Public: 'Public', Restricted: 'Restricted', Private: 'Private' };
