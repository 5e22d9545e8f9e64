/** The fields of a front matter under the names and in the forms of the API. What has no use is told; what has another form is refused by its name. */
import type { Change } from '../../channels/channel.js';
import type { DroppedList } from '../body/dropped.js';
import { LianfaError } from '../errors.js';
import { kinds } from '../model/release.js';
import { emergencyOfHeader } from './emergency-header.js';
import { planNames } from './header-plan.js';
import { isMapping, isNothing, listOf } from './header-values.js';
import { readDay } from './written-times.js';

const textFields = ['title', 'summary', 'language', 'source', 'author', 'cover'] as const;
const listFields = ['columns', 'keywords', 'interprets', 'interpretations'] as const;
const policyTexts = ['index', 'number', 'issuer', 'validity', 'topic'] as const;
const kindWords: Readonly<Record<string, (typeof kinds)[number]>> = {
  新闻: 'news',
  通知: 'notice',
  公告: 'notice',
  政策: 'policy',
  政策文件: 'policy',
  解读: 'interpretation',
  政策解读: 'interpretation',
  应急: 'emergency',
  应急信息: 'emergency',
  预警: 'emergency',
  直播: 'live',
};

/** @throws LianfaError document_is_draft, field_invalid */
export function fieldsOf(values: Record<string, unknown>, dropped: DroppedList): Record<string, unknown> {
  refuseDraft(values['draft']);
  const {
    interpretation,
    kind,
    type,
    policy,
    emergency,
    attachments,
    draft: _draft,
    release: _release,
    change: _change,
    ...rest
  } = values;
  const named: Record<string, unknown> = { ...rest, interpretations: rest['interpretations'] ?? interpretation };
  const fields: Record<string, unknown> = {};
  for (const name of textFields) if (!isNothing(named[name])) fields[name] = textOf(name, named[name]);
  for (const name of listFields)
    if (!isNothing(named[name]))
      fields[name] = listOf(named[name]).map((entry, index) => textOf(`${name}.${index}`, entry));
  const plan = [...planNames.begins, ...planNames.ends];
  for (const name of Object.keys(rest))
    if (![...textFields, ...listFields, ...plan].some((known) => known === name))
      dropped.tell('field', name.slice(0, 60));
  const asked = isNothing(kind) ? type : kind;
  if (!isNothing(asked)) {
    const word = textOf('kind', asked);
    const known = kinds.find((name) => name === word) ?? (Object.hasOwn(kindWords, word) ? kindWords[word] : undefined);
    if (known) fields['kind'] = known;
    else dropped.tell('kind', word.slice(0, 60));
  }
  if (!isNothing(policy)) fields['policy'] = policyOf(policy, dropped);
  if (!isNothing(emergency)) fields['emergency'] = emergencyOfHeader(emergency);
  fields['attachments'] = attachmentsOf(attachments, dropped);
  return fields;
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string') return value.trim();
  throw invalid(field, {
    zh: '这里要写一段文字，不能是列表或分项。',
    en: 'this must be one text, no list and no entries.',
  });
}

function policyOf(value: unknown, dropped: DroppedList): Record<string, unknown> {
  if (!isMapping(value))
    throw invalid('policy', {
      zh: '请在下面缩进两格，逐行写 index、number、issuer 等。',
      en: 'write index, number, issuer … below it, set in by two blanks.',
    });
  const { signed, keywords, ...rest } = value;
  const policy: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(rest)) {
    if (isNothing(entry)) continue;
    if (policyTexts.some((known) => known === name)) policy[name] = textOf(`policy.${name}`, entry);
    else dropped.tell('field', `policy.${name}`.slice(0, 60));
  }
  if (!isNothing(signed)) policy['signed'] = dayOf('policy.signed', textOf('policy.signed', signed));
  if (!isNothing(keywords))
    policy['keywords'] = listOf(keywords).map((entry, index) => textOf(`policy.keywords.${index}`, entry));
  return policy;
}

function dayOf(field: string, written: string): string {
  const day = readDay(written);
  if (day !== undefined) return day;
  throw invalid(field, {
    zh: `“${written}”不是完整的日期，请写成“2026-11-20”或“2026年11月20日”。`,
    en: `"${written}" is not a whole date; write 2026-11-20.`,
  });
}

function refuseDraft(value: unknown): void {
  if (isNothing(value)) return;
  const word = textOf('draft', value).toLowerCase();
  if (/^(?:true|yes|y|on|1|是)$/.test(word)) throw new LianfaError('document_is_draft', { field: 'draft' });
  if (!/^(?:false|no|n|off|0|否)$/.test(word))
    throw invalid('draft', { zh: '请写“true”或“false”。', en: 'write true or false.' });
}

/** `{hash, name}` of uploaded files; a bare name has nothing behind it and is told. */
function attachmentsOf(listed: unknown, dropped: DroppedList): unknown[] {
  if (isNothing(listed)) return [];
  return (Array.isArray(listed) ? listed : [listed]).filter((entry: unknown) => {
    if (isMapping(entry) && 'hash' in entry) return true;
    dropped.tell(
      'attachment',
      (typeof entry === 'string' ? entry : Object.values(entry as object).join('')).slice(0, 100),
    );
    return false;
  });
}

/** The release whose next revision the document is, and what it is to the one before. */
export interface Following {
  release: string;
  change?: Change | undefined;
}

const changeWords: Readonly<Record<string, Change>> = {
  correction: 'correction',
  更正: 'correction',
  update: 'update',
  续报: 'update',
};

/** A correction that names no release would go out beside the wrong text, so it is refused. */
export function followingOf(values: Record<string, unknown>): Following | undefined {
  const release = isNothing(values['release']) ? undefined : textOf('release', values['release']);
  const word = isNothing(values['change']) ? undefined : textOf('change', values['change']);
  const change = word === undefined || !Object.hasOwn(changeWords, word) ? undefined : changeWords[word];
  if (word !== undefined && change === undefined)
    throw invalid('change', { zh: '请写“更正”或“续报”。', en: 'write correction or update.' });
  if (release) return { release, change };
  if (change !== undefined) throw new LianfaError('field_missing', { field: 'release' });
  return undefined;
}

function invalid(field: string, reason: { zh: string; en: string }): LianfaError {
  return new LianfaError('field_invalid', { field, reason });
}
