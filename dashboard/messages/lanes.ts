export const zh = { routine: '常规通道', emergency: '应急通道' };

export const en: typeof zh = { routine: 'Routine lane', emergency: 'Emergency lane' };
