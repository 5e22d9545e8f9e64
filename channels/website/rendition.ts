/** A release as a website shows it. Pure: the same release and settings give the same page. */
import { createHash } from 'node:crypto';
import { emergencyWords } from '../emergency.js';
import type { AccountProfile, ReleaseContent, Rendition } from '../channel.js';
import { loadBody, readWords } from '../reading.js';
import { plain, shapeBody } from './body.js';
import type { WebsitePayload } from './payload.js';
import type { Settings } from './settings.js';
import { columnsOf, placesOf } from './site/columns.js';
import { siteOf } from './site/look.js';
import { drawPost } from './site/draw.js';
import { documentHeader, previewOf } from './site/article-page.js';
import { warningsOf } from './warnings.js';

export function render(release: ReleaseContent, profile: AccountProfile<Settings>): Rendition<WebsitePayload> {
  const { settings } = profile;
  const body = shapeBody(release.body, release.pictures, new Set(release.cover === undefined ? [] : [release.cover]));
  const shown = new Set([...body.placed, ...(release.cover === undefined ? [] : [release.cover])]);
  const { columns, unknown } =
    settings.type === 'builtin'
      ? placesOf(release.columns, release.kind, settings)
      : { columns: columnsOf(release.columns, release.kind), unknown: [] };
  const title = release.title.replace(/\s+/g, ' ').trim();
  const payload: WebsitePayload = {
    release: release.release,
    revision: release.revision,
    kind: release.kind,
    language: release.language,
    title,
    summary: release.summary.replace(/\s+/g, ' ').trim() || body.opening,
    body: body.html,
    bare: settings.type === 'micropub' ? wholeContent(release, body.bare) : body.bare,
    toc: body.toc,
    source: release.source.trim() || profile.organization,
    columns,
    keywords: [...new Set([...release.keywords, ...unknown])],
    pictures: release.pictures.filter(({ hash }) => shown.has(hash)),
    attachments: release.attachments,
    ...(release.change && { change: release.change }),
    ...(release.author?.trim() && { author: release.author.trim() }),
    ...(release.cover !== undefined && { cover: release.cover }),
    ...(release.policy && { policy: release.policy }),
    ...(release.emergency && { warning: { ...release.emergency, sent: release.signedAt.toISOString() } }),
    ...(release.interprets?.length && { interprets: release.interprets }),
    ...(release.interpretations?.length && { interpretations: release.interpretations }),
  };
  return {
    payload,
    preview:
      settings.type === 'builtin'
        ? previewOf(payload, siteOf(settings, profile.organization, 'https://site.invalid'), release.signedAt)
        : drawPost(payload),
    expected: {
      title: plain(title),
      text: settings.type === 'micropub' ? plain(readWords(loadBody(payload.bare).root()[0])) : body.text,
      pictures: body.placed.length,
    },
    warnings: warningsOf(release, body, settings.type, { columns, unknown }),
  };
}

/** Sites that share a look and a unit share a rendition; what goes to a remote CMS depends on the unit's name alone. */
export function renditionKey({ settings, organization }: AccountProfile<Settings>): string {
  return settings.type === 'builtin'
    ? createHash('sha256')
        .update(JSON.stringify([settings, organization]))
        .digest('hex')
    : `micropub:${organization}`;
}

/** Micropub has no place for a document header or for attachments, so both stand in the content. */
function wholeContent(release: ReleaseContent, body: string): string {
  const { policy, attachments } = release;
  const warning = emergencyWords(release);
  const header = [
    ...(warning ? [{ name: warning.headlineName, value: warning.headline }, ...warning.facts] : []),
    ...documentHeader(policy),
  ]
    .map(({ name, value }) => `<li>${escaped(name)}：${escaped(value)}</li>`)
    .join('');
  const links = attachments.map(({ hash, name }) => `<li><a href="media:${hash}">${escaped(name)}</a></li>`).join('');
  return `${header && `<ul>${header}</ul>`}${body}${links && `<h2>附件</h2><ul>${links}</ul>`}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
