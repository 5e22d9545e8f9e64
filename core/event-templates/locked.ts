/** Whether a text still says what its template has locked, word by word; and whether its warning says what its facts say. */
import type { Emergency } from '../../channels/emergency.js';
import type { Said } from '../../channels/channel.js';
import { tasks } from '../body/tasks.js';
import { LianfaError } from '../errors.js';
import { invalid } from '../import-given.js';
import type { Content, TemplateUse } from '../model/event-template.js';
import { beside } from '../threads/pool.js';
import { fill, type Filled, type FilledPassage } from './fill.js';

/** What of a text is held against its template. */
export interface Held {
  title: string;
  body: string;
  source: string;
  emergency?: Emergency | undefined;
}

/** @throws LianfaError template_locked naming the passage; field_invalid naming what of the warning is not what its facts say */
export async function refuseChangedLocks(content: Content, use: TemplateUse, text: Held): Promise<void> {
  const { emergency } = text;
  if (!emergency) throw invalid('emergency', withoutWarning);
  const wanted = fill(content, use.facts, text.source);
  if (wanted.title.locked && plain(wanted.title.text) !== plain(text.title))
    throw changed('title', '标题', 'the title');
  refuseLost(wanted.short, emergency.short ?? '', 'emergency.short');
  refuseLost(wanted.spoken, emergency.spoken ?? '', 'emergency.spoken');
  refuseLost(await canonicalOf(wanted.long), withoutBreaks(text.body), 'body');
  refuseOther(content, wanted.emergency, emergency);
}

/** In their order, each behind the one before. */
function refuseLost(passages: readonly FilledPassage[], text: string, field: string): void {
  const said = plain(text);
  let from = 0;
  for (const { name, locked, text: words } of passages) {
    if (!locked) continue;
    const at = said.indexOf(plain(words), from);
    if (at < 0) throw changed(field, name, name);
    from = at + plain(words).length;
  }
}

/** As the body of a release is kept. */
async function canonicalOf(passages: readonly FilledPassage[]): Promise<FilledPassage[]> {
  const cleaned: FilledPassage[] = [];
  for (const passage of passages.filter(({ locked }) => locked)) {
    const { html } = await beside(tasks.clean, { html: passage.text, known: [] }, passage.text.length);
    cleaned.push({ ...passage, text: withoutBreaks(html) });
  }
  return cleaned;
}

/** What only stands between two blocks is not to be read. */
function withoutBreaks(html: string): string {
  return html.replace(/>\n+</g, '><').trim();
}

function plain(text: string): string {
  return text.normalize('NFC').trim();
}

type Field = keyof Emergency;

/** What the texts say by name must be what programs and maps are told. */
const bound: readonly Field[] = ['event', 'level', 'onset', 'expires'];
const settings: Readonly<Record<Content['locked'][number], Field>> = {
  guide: 'instruction',
  category: 'category',
  responseType: 'responseType',
  urgency: 'urgency',
  severity: 'severity',
  certainty: 'certainty',
  contact: 'contact',
};

function refuseOther({ locked }: Content, wanted: Filled['emergency'], said: Emergency): void {
  for (const field of bound) if (said[field] !== wanted[field]) throw invalid(`emergency.${field}`, otherFact);
  const places = ({ areas }: Pick<Emergency, 'areas'>): string =>
    JSON.stringify(areas.map(({ code, name }) => [code, name]));
  if (places(said) !== places(wanted)) throw invalid('emergency.areas', otherFact);
  for (const name of locked) {
    const field = settings[name];
    if (said[field] !== wanted[field]) throw invalid(`emergency.${field}`, lockedSetting);
  }
}

function changed(field: string, zh: string, en: string): LianfaError {
  return new LianfaError('template_locked', { field, passage: { zh, en } });
}

const withoutWarning: Said = {
  zh: '由事件模板写成的稿件必须带预警信息；不用模板时请另建一件。',
  en: 'a text made from an event template carries a warning; write another release to go without.',
};
const otherFact: Said = {
  zh: '与填写模板时的要素不一致，而文字已按要素写明。请用“改要素重填”，文字和预警信息会一起改。',
  en: 'it differs from the facts that the texts were filled in with; fill the template in anew, which changes both.',
};
const lockedSetting: Said = { zh: '模板已锁定这一项。', en: 'the template has locked it.' };
