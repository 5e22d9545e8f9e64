/** A warning as it is handed in: what its fields mean together is checked, and the earlier warnings it names are looked up. */
import type { Kind, Said } from '../../channels/channel.js';
import {
  categories,
  certainties,
  lastInstant,
  levels,
  messageTypes,
  responses,
  statuses,
  urgencies,
  type Emergency,
} from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import type { Store } from '../store/store.js';

/**
 * One warning is one release: `of` is the release whose next message this is. What it said before is referred to by
 * itself, and a corrected alert goes out as an update of it.
 * @throws LianfaError field_invalid or field_missing, with the field named
 */
export async function checkedEmergency(store: Store, given: Emergency, kind: Kind, of?: string): Promise<Emergency> {
  const emergency = of === undefined ? given : await following(store, given, of);
  if (kind !== 'emergency')
    throw wrong('emergency', {
      zh: '只有体裁为“应急信息”的发布件才能带预警信息。',
      en: 'only a release of kind emergency may carry it.',
    });
  const { msgType, onset, expires, instruction, references } = emergency;
  if (msgType !== 'Cancel' && onset === undefined) throw new LianfaError('field_missing', { field: 'emergency.onset' });
  if (msgType !== 'Cancel' && instruction === undefined)
    throw new LianfaError('field_missing', { field: 'emergency.instruction' });
  for (const field of ['onset', 'expires'] as const)
    if (Date.parse(emergency[field] ?? '') > lastInstant)
      throw wrong(`emergency.${field}`, {
        zh: '时间最晚到 9999 年 12 月 31 日。',
        en: 'it is after the year 9999.',
      });
  if (onset !== undefined && expires !== undefined && Date.parse(expires) <= Date.parse(onset))
    throw wrong('emergency.expires', { zh: '失效时间应晚于起始时间。', en: 'it must be after the onset.' });
  if (msgType === 'Alert' && references.length > 0)
    throw wrong('emergency.references', {
      zh: '首次发布的预警不能引用之前的预警；如是更新或解除，请改消息类型。',
      en: 'a first alert refers to no earlier one; choose Update or Cancel.',
    });
  if (msgType !== 'Alert' && references.length === 0)
    throw new LianfaError('field_missing', { field: 'emergency.references' });
  const earlier = await Promise.all(
    references.map((reference, index) => earlierWarning(store, reference, `emergency.references.${index}.release`)),
  );
  // What a later message leaves out stays as the warning said it.
  const { category, certainty } = earlier[0]?.said ?? {};
  return {
    category: category ?? 'Other',
    ...(certainty && { certainty }),
    ...emergency,
    references: earlier.map(({ reference }) => reference),
  };
}

/** The next message of a warning refers to the one before it. */
async function following(store: Store, emergency: Emergency, release: string): Promise<Emergency> {
  const earlier = await store.revisions.find({ release }).sort({ number: -1 }).lean();
  if (!earlier.some((row) => row.signed && row.emergency)) return emergency;
  const foreign = emergency.references.filter((reference) => reference.release !== release);
  const msgType = emergency.msgType === 'Alert' ? 'Update' : emergency.msgType;
  return { ...emergency, msgType, references: [{ release }, ...foreign] };
}

/** The newest signed revision of it that carried a warning: the message that this one updates or lifts. */
async function earlierWarning(
  store: Store,
  { release, revision }: Emergency['references'][number],
  field: string,
): Promise<{ reference: Emergency['references'][number]; said: Emergency | undefined }> {
  const rows = await store.revisions.find({ release }).sort({ number: -1 }).lean();
  const found = rows.find((row) => row.signed && row.emergency && (revision === undefined || row._id === revision));
  if (!found?.signed)
    throw wrong(field, {
      zh: '没有找到这条已签发的预警，请填写已发布预警的发布件编号。',
      en: 'no signed warning has this id; give the id of a release that went out as a warning.',
    });
  return {
    reference: { release, revision: found._id, sent: new Date(found.signed.at).toISOString() },
    said: found.emergency,
  };
}

function wrong(field: string, reason: Said): LianfaError {
  return new LianfaError('field_invalid', { field, reason });
}

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
  responseType: {
    避险: 'Shelter',
    转移: 'Evacuate',
    准备: 'Prepare',
    按预案行动: 'Execute',
    远离: 'Avoid',
    关注: 'Monitor',
    无: 'None',
  },
};
const codes: Readonly<Record<string, readonly string[]>> = {
  level: levels,
  status: statuses,
  msgType: messageTypes,
  category: categories,
  urgency: urgencies,
  certainty: certainties,
  responseType: responses,
};

/**
 * The block of a front matter under the codes of the API: Chinese words for what is chosen from a list (红, 演练, 解除),
 * clock times of Beijing, an area as a bare name, `110000 北京市`, or `{code, name}`, an earlier warning as its bare id.
 * What it does not know it leaves, for the check to name.
 */
export function emergencyOfHeader(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const block: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== null),
  );
  for (const [field, words] of Object.entries(spoken))
    if (typeof block[field] === 'string') block[field] = codeOf(field, block[field], words);
  for (const field of ['onset', 'expires'])
    if (typeof block[field] === 'string') block[field] = instantOf(block[field]);
  for (const field of ['contact', 'note']) if (typeof block[field] === 'number') block[field] = String(block[field]);
  if (block['areas'] !== undefined) block['areas'] = listOf(block['areas']).map(areaOf);
  if (block['references'] !== undefined)
    block['references'] = listOf(block['references']).map((entry) =>
      typeof entry === 'string' ? { release: entry } : entry,
    );
  return block;
}

function codeOf(field: string, text: string, words: Readonly<Record<string, string>>): string {
  const word = text.trim().replace(/色?(预警)?$/u, '');
  const code = codes[field]?.find((known) => known.toLowerCase() === word.toLowerCase());
  return code ?? (Object.hasOwn(words, word) ? (words[word] ?? text) : text);
}

/** `2026-11-24 18:00` is the clock of Beijing; a time with its offset is what it says. */
function instantOf(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/.exec(text.trim());
  if (!match) return text;
  const date = new Date(`${match[1]}T${match[2]}${match[3] ?? ':00'}${match[4] ?? '+08:00'}`);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

function areaOf(entry: unknown): unknown {
  if (typeof entry === 'string') {
    const match = /^(\d{6,12})\s+(.+)$/.exec(entry.trim());
    return match ? { code: match[1], name: match[2] } : { name: entry };
  }
  return isRecord(entry) && typeof entry['code'] === 'number' ? { ...entry, code: String(entry['code']) } : entry;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
