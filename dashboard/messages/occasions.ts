export const zh = { publish: '首次发布', correct: '更正或续报', withdraw: '撤回' };

export const en: typeof zh = { publish: 'first publication', correct: 'correction or update', withdraw: 'withdrawal' };
