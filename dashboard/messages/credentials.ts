export const zh = { ok: '凭据有效', dead: '凭据失效', unchecked: '未检查' };

export const en: typeof zh = { ok: 'Credential valid', dead: 'Credential dead', unchecked: 'Not checked' };
