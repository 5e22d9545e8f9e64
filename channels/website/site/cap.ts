/**
 * A warning as a machine reads it: Common Alerting Protocol 1.2 (OASIS), in the order of its schema. Times carry the
 * offset of Beijing and no fraction, as the schema's pattern wants them. Where nobody has said the severity it goes by the
 * colour, which is the usual convention; the colour itself stands in a parameter. How urgent and how certain it is the press officer says, else it is unknown.
 */
import { beijingStamp } from '../../beijing-calendar.js';
import { endDrill, regionCodes, withDrill, type Area, type Emergency } from '../../emergency.js';
import type { Article, Message } from './article.js';
import { articleAddress, pageLanguage, type Site } from './look.js';
import { block, element, line, xmlDocument } from './xml.js';

const severities: Readonly<Record<Emergency['level'], string>> = {
  red: 'Extreme',
  orange: 'Severe',
  yellow: 'Moderate',
  blue: 'Minor',
};
const colours: Readonly<Record<Emergency['level'], string>> = {
  red: '红色',
  orange: '橙色',
  yellow: '黄色',
  blue: '蓝色',
};

/** The message that an article's record makes; absent where it carries no warning. A drill's identity says that it is one. */
export function messageOf(site: Site, { revision, warning }: Article): Message | undefined {
  // Neither blanks nor commas in a sender: the references of later messages are split at them.
  const sender = site.settings.siteDomain.replace(/[\s,&<]/g, '');
  return warning && { identifier: identifierOf(revision, warning), sender, sent: warning.sent };
}

function identifierOf(revision: string, { status }: Pick<Emergency, 'status'>): string {
  return status === 'Exercise' ? `exercise-${revision}` : revision;
}

/**
 * Absent where the article carries no warning. It refers to the earlier messages of its release that stood on this
 * account, and to those of other releases that the warning itself names.
 */
export function capOf(site: Site, article: Article): string | undefined {
  const { warning, messages = [] } = article;
  const message = messageOf(site, article);
  if (!warning || !message) return undefined;
  const foreign = warning.references.flatMap(({ release, revision, sent }) =>
    sent === undefined || release === article.id
      ? []
      : [{ identifier: identifierOf(revision ?? release, warning), sender: message.sender, sent }],
  );
  const earlier = [...messages, ...foreign].map(
    ({ identifier, sender, sent }) => `${sender},${identifier},${beijingStamp(sent)}`,
  );
  return xmlDocument(
    block('alert', { xmlns: 'urn:oasis:names:tc:emergency:cap:1.2' }, [
      line('identifier', message.identifier),
      line('sender', message.sender),
      line('sent', beijingStamp(message.sent)),
      line('status', warning.status),
      line('msgType', typeOf(warning.msgType, earlier.length > 0)),
      line('scope', 'Public'),
      // Which drill it is, as the standard asks of exercises.
      line('note', warning.status === 'Exercise' ? (warning.note ?? `演练 / Exercise ${article.id}`) : undefined),
      line('references', earlier.join(' ')),
      block('info', {}, info(site, article, warning)),
    ]),
  );
}

/** Who reads the messages of this account alone must find each one true: the first is no update, a corrected one no second alert. A cancel never becomes an alert. */
function typeOf(msgType: Emergency['msgType'], refers: boolean): Emergency['msgType'] {
  return msgType === 'Cancel' ? msgType : refers ? 'Update' : 'Alert';
}

function info(site: Site, article: Article, warning: Emergency): string[] {
  const { msgType, level, onset, expires } = warning;
  const lifted = msgType === 'Cancel';
  return [
    line('language', pageLanguage(article.language)),
    line('category', warning.category ?? 'Other'),
    line('event', warning.event),
    line('responseType', lifted ? 'AllClear' : warning.responseType),
    line('urgency', warning.urgency ?? (lifted ? 'Past' : 'Unknown')),
    line('severity', warning.severity ?? severities[level]),
    line('certainty', warning.certainty ?? 'Unknown'),
    line('onset', onset && beijingStamp(onset)),
    line('expires', expires && beijingStamp(expires)),
    line('senderName', article.source),
    line('headline', article.title),
    line('description', article.summary),
    line('instruction', endDrill(warning.instruction ?? '', warning, article.language) || undefined),
    line('web', articleAddress(site, article.id)),
    line('contact', warning.contact),
    named('parameter', '预警级别', colours[level]),
    // A loudspeaker reads a drill out as one, too.
    warning.spoken === undefined ? '' : named('parameter', '口播稿', spokenOf(warning.spoken, article, warning)),
    ...warning.areas.map(areaOf),
  ];
}

function spokenOf(text: string, { language }: Article, warning: Emergency): string {
  return endDrill(withDrill(text, warning, language), warning, language);
}

function areaOf({ code, name, polygons = [], circles = [], geocodes = [] }: Area): string {
  return block('area', {}, [
    line('areaDesc', name),
    ...polygons.map((shape) => line('polygon', shape)),
    ...circles.map((shape) => line('circle', shape)),
    code ? named('geocode', regionCodes, code) : '',
    ...geocodes.map((one) => named('geocode', one.name, one.value)),
  ]);
}

function named(tag: string, name: string, value: string): string {
  return element(tag, {}, line('valueName', name) + line('value', value));
}
