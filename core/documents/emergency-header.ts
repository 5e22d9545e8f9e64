/** The warning of a front matter, in the words and by the clock of a Chinese office. */
import {
  categories,
  certainties,
  levels,
  messageTypes,
  responses,
  severities,
  statuses,
  urgencies,
} from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import { isMapping, isNothing, listOf } from './header-values.js';
import { readInstant } from './written-times.js';

const spoken: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  level: {
    蓝: 'blue',
    黄: 'yellow',
    橙: 'orange',
    红: 'red',
    一般: 'blue',
    较大: 'yellow',
    重大: 'orange',
    特别重大: 'red',
    特大: 'red',
    I级: 'red',
    II级: 'orange',
    III级: 'yellow',
    IV级: 'blue',
    Ⅰ级: 'red',
    Ⅱ级: 'orange',
    Ⅲ级: 'yellow',
    Ⅳ级: 'blue',
    一级: 'red',
    二级: 'orange',
    三级: 'yellow',
    四级: 'blue',
  },
  status: { 实际: 'Actual', 正式: 'Actual', 演练: 'Exercise' },
  msgType: { 发布: 'Alert', 更新: 'Update', 调整: 'Update', 解除: 'Cancel' },
  category: {
    气象: 'Met',
    地质: 'Geo',
    地震: 'Geo',
    公共安全: 'Safety',
    社会安全: 'Security',
    救援: 'Rescue',
    火灾: 'Fire',
    公共卫生: 'Health',
    环境: 'Env',
    交通: 'Transport',
    基础设施: 'Infra',
    核生化: 'CBRNE',
    其他: 'Other',
  },
  urgency: {
    立即: 'Immediate',
    立即行动: 'Immediate',
    紧急: 'Immediate',
    尽快: 'Expected',
    即将: 'Expected',
    将来: 'Future',
    以后: 'Future',
    已过: 'Past',
    过去: 'Past',
    未知: 'Unknown',
    不明: 'Unknown',
  },
  certainty: {
    已发生: 'Observed',
    已观测: 'Observed',
    确定: 'Observed',
    很可能: 'Likely',
    可能: 'Possible',
    不太可能: 'Unlikely',
    未知: 'Unknown',
    不明: 'Unknown',
  },
  severity: {
    特别严重: 'Extreme',
    严重: 'Severe',
    中等: 'Moderate',
    轻微: 'Minor',
    未知: 'Unknown',
    不明: 'Unknown',
  },
  responseType: {
    避险: 'Shelter',
    转移: 'Evacuate',
    准备: 'Prepare',
    按预案行动: 'Execute',
    远离: 'Avoid',
    关注: 'Monitor',
    评估: 'Assess',
    解除: 'AllClear',
    无: 'None',
  },
};
const codes: Readonly<Record<string, readonly string[]>> = {
  level: levels,
  status: statuses,
  msgType: messageTypes,
  category: categories,
  urgency: urgencies,
  severity: severities,
  certainty: certainties,
  responseType: responses,
};

/**
 * The block of a front matter under the codes of the API: Chinese words for what is chosen from a list (红, 演练, 解除),
 * times as people write them by the clock of Beijing, an area as a bare name, `110000 北京市`, or `{code, name}`, an earlier
 * warning as its bare id. What it does not know it leaves, for the check to name.
 * @throws LianfaError field_invalid for a time that cannot be read
 */
export function emergencyOfHeader(value: unknown): unknown {
  if (!isMapping(value)) return value;
  const block: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).filter(([, entry]) => !isNothing(entry)),
  );
  for (const [field, words] of Object.entries(spoken))
    if (typeof block[field] === 'string') block[field] = codeOf(field, block[field], words);
  const onset = typeof block['onset'] === 'string' ? instantOf('onset', block['onset']) : undefined;
  if (onset) block['onset'] = onset.toISOString();
  if (typeof block['expires'] === 'string')
    block['expires'] = instantOf('expires', block['expires'], onset).toISOString();
  if (block['areas'] !== undefined) block['areas'] = listOf(block['areas']).map(areaOf);
  if (block['references'] !== undefined)
    block['references'] = listOf(block['references']).map((entry) =>
      typeof entry === 'string' ? { release: entry } : entry,
    );
  return block;
}

function instantOf(field: string, written: string, from?: Date): Date {
  const instant = readInstant(written, from);
  if (instant) return instant;
  throw new LianfaError('field_invalid', {
    field: `emergency.${field}`,
    reason: {
      zh: `“${written}”不是能确定的时间，请写成“2026-11-27 18:00”或“2026年11月27日18时”（北京时间）。`,
      en: `"${written}" names no certain time; write 2026-11-27 18:00 (Beijing time).`,
    },
  });
}

function codeOf(field: string, text: string, words: Readonly<Record<string, string>>): string {
  const word = text.trim().replace(/色?(预警)?$/u, '');
  const code = codes[field]?.find((known) => known.toLowerCase() === word.toLowerCase());
  return code ?? (Object.hasOwn(words, word) ? (words[word] ?? text) : text);
}

function areaOf(entry: unknown): unknown {
  if (typeof entry !== 'string') return entry;
  const match = /^(\d{6,12})\s+(.+)$/.exec(entry.trim());
  return match ? { code: match[1], name: match[2] } : { name: entry };
}
