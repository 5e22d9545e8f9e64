export const zh = { publish: '发布第 {number} 版', withdraw: '撤回', narrow: '移出' };

export const en: typeof zh = { publish: 'Publish revision {number}', withdraw: 'Withdraw', narrow: 'Take out' };
