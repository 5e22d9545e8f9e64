export const zh = { publish: '发布第 {number} 版', withdraw: '撤回' };

export const en: typeof zh = { publish: 'Publish revision {number}', withdraw: 'Withdraw' };
