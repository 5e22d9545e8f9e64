export const zh = { Actual: '实际', Exercise: '演练', System: '系统消息', Test: '测试', Draft: '草案' };

export const en: typeof zh = { Actual: 'Actual', Exercise: 'Exercise', System: 'System', Test: 'Test', Draft: 'Draft' };
