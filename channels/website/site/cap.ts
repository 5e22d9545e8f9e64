/**
 * A warning as a machine reads it: Common Alerting Protocol 1.2 (OASIS), in the order of its schema. Times carry the
 * offset of Beijing and no fraction, as the schema's pattern wants them. Severity by colour is the usual convention, so
 * the colour itself stands in a parameter; how urgent and how certain it is nobody was asked, and it says so.
 */
import type { Emergency } from '../../emergency.js';
import type { Article, Message } from './article.js';
import { articleAddress, pageLanguage, type Site } from './look.js';
import { xml } from './sitemap.js';

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

/** The message that an article's record makes; absent where it carries no warning. */
export function messageOf(site: Site, { revision, warning }: Article): Message | undefined {
  // Neither blanks nor commas in a sender: the references of later messages are split at them.
  const sender = site.settings.siteDomain.replace(/[\s,&<]/g, '');
  return warning && { identifier: revision, sender, sent: warning.sent };
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
      : [{ identifier: revision ?? release, sender: message.sender, sent }],
  );
  const earlier = [...messages, ...foreign].map(
    ({ identifier, sender, sent }) => `${sender},${identifier},${clock(sent)}`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">',
    ...tags([
      ['identifier', message.identifier],
      ['sender', message.sender],
      ['sent', clock(message.sent)],
      ['status', warning.status],
      ['msgType', typeOf(warning.msgType, earlier.length > 0)],
      ['scope', 'Public'],
      ['references', earlier.join(' ')],
    ]),
    '<info>',
    ...info(site, article, warning),
    '</info>',
    '</alert>',
    '',
  ].join('\n');
}

/** Who reads the messages of this account alone must find each one true: the first is no update, a corrected one no second alert. A cancel never becomes an alert. */
function typeOf(msgType: Emergency['msgType'], refers: boolean): Emergency['msgType'] {
  return msgType === 'Cancel' ? msgType : refers ? 'Update' : 'Alert';
}

function info(
  site: Site,
  article: Article,
  { msgType, level, category, event, areas, onset, expires, responseType, instruction, contact }: Emergency,
): string[] {
  const lifted = msgType === 'Cancel';
  return [
    ...tags([
      ['language', pageLanguage(article.language)],
      ['category', category],
      ['event', event],
      ['responseType', lifted ? 'AllClear' : responseType],
      ['urgency', lifted ? 'Past' : 'Unknown'],
      ['severity', severities[level]],
      ['certainty', 'Unknown'],
      ['onset', onset && clock(onset)],
      ['expires', expires && clock(expires)],
      ['senderName', article.source],
      ['headline', article.title],
      ['description', article.summary],
      ['instruction', instruction],
      ['web', articleAddress(site, article.id)],
      ['contact', contact],
    ]),
    named('parameter', '预警级别', colours[level]),
    ...areas.flatMap(({ code, name }) => [
      '<area>',
      ...tags([['areaDesc', name]]),
      ...(code ? [named('geocode', 'GB/T 2260', code)] : []),
      '</area>',
    ]),
  ];
}

function tags(list: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  return list.flatMap(([name, value]) => (value ? [`<${name}>${xml(value)}</${name}>`] : []));
}

function named(tag: string, name: string, value: string): string {
  return `<${tag}><valueName>${xml(name)}</valueName><value>${xml(value)}</value></${tag}>`;
}

/** `2026-11-24T18:00:00+08:00`. */
function clock(instant: string): string {
  return `${new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
