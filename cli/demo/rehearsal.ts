/** What the demonstration does, through the same API as everybody: connect units, write releases, send them, look on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlacementRow, ReleaseStatus } from '../../core/placements/report.js';
import type { ReleaseSaved } from '../../server/contract/releases.js';
import { sessionIn } from '../../server/contract/sessions.js';
import type { ReviewBody } from '../../server/contract/reviews.js';
import type { Role } from '../../core/model/roles.js';
import { beijingStamp } from '../../channels/beijing-calendar.js';
import type { RunningDesk } from './desk.js';
import { drawPictures } from './pictures.js';
import { accountRows, units } from './units.js';

const samples = join(import.meta.dirname, '..', '..', 'samples');

export interface Rehearsal {
  /** Units and accounts; returns how many accounts. Throws where one is refused. */
  connect(): Promise<number>;
  /** The keynote of 2020 with its pictures, to every account. Returns the release. */
  sendKeynote(): Promise<string>;
  /** One of the sample documents, to every account; the policy without its attachments, which are no samples. */
  sendSample(file: string): Promise<string>;
  /** A drill of the samples, as a broadcast that one person has signed: its second signature is for whoever tries it. Returns the review. */
  readyDrill(file: string): Promise<string>;
  /** A notice of one sentence, to every account. */
  sendNotice(words: string): Promise<string>;
  /** The same release with other words, as a correction. */
  correct(release: string, words: string): Promise<void>;
  status(release: string): Promise<ReleaseStatus>;
  /** Its placements in a state. */
  placements(release: string, state: string): Promise<PlacementRow[]>;
}

/** A policy is read by a reviewer before it is signed; everything else by its signer. */
const policyChain = [
  { id: 'review', name: { zh: '审核', en: 'Review' }, role: 'reviewer' },
  { id: 'sign', name: { zh: '签发', en: 'Signing' }, role: 'signer' },
];

const noticeOf = (words: string): object => ({
  title: words,
  kind: 'notice',
  source: '示例省人民政府办公厅',
  body: { format: 'text', content: `${words}。` },
});

export function openRehearsal(desk: RunningDesk): Rehearsal {
  const sessions = new Map<Role, Promise<Record<string, string>>>();

  async function signedIn(role: Role): Promise<Record<string, string>> {
    const person = desk.people.find((one) => one.role === role);
    const answer = await fetch(`${desk.address}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: desk.address },
      body: JSON.stringify({ name: person?.name, password: person?.password }),
    });
    return { cookie: sessionIn(answer.headers) ?? '', origin: desk.address };
  }

  function as(role: Role): Promise<Record<string, string>> {
    const known = sessions.get(role) ?? signedIn(role);
    sessions.set(role, known);
    return known;
  }

  async function ask<T>(
    role: Role,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const bytes = Buffer.isBuffer(body);
    const answer = await fetch(`${desk.address}/api/v1${path}`, {
      method,
      headers: {
        ...(await as(role)),
        ...(body !== undefined && !bytes && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: bytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async function send({ release }: ReleaseSaved): Promise<string> {
    const revision = release.revision.id;
    const submission = { revision, audience: { tags: ['演示'] } };
    const review = await ask<ReviewBody>('writer', 'POST', `/releases/${release.id}/submit`, submission);
    await pass(review);
    return release.id;
  }

  /** As the people of the demonstration would: each step of its chain by somebody with its role, the last with a proof. */
  async function pass({ id, chain: { steps } }: ReviewBody): Promise<void> {
    for (const { id: step, role } of steps.slice(0, -1)) await ask(role, 'POST', `/reviews/${id}/approve`, { step });
    const signer = steps.at(-1)?.role ?? 'signer';
    const password = desk.people.find((one) => one.role === signer)?.password;
    await whenReady(() => ask(signer, 'POST', `/reviews/${id}/sign`, { password }));
  }

  /** One of a broadcast's two signatures: each channel's text opened, the number typed, and yes to whatever is asked. */
  async function signOne(role: Role, id: string): Promise<ReviewBody> {
    const { broadcast } = await ask<ReviewBody>(role, 'GET', `/reviews/${id}`);
    const channels = broadcast?.channels ?? [];
    for (const { channel } of channels) await ask(role, 'POST', `/reviews/${id}/looks`, { channel });
    const password = desk.people.find((one) => one.role === role)?.password;
    const counts = { total: channels.reduce((sum, { accounts }) => sum + accounts, 0) };
    const signing = { password, counts, consents: broadcast?.consents };
    return whenReady(() => ask<ReviewBody>(role, 'POST', `/reviews/${id}/sign`, signing));
  }

  async function importSample(file: string): Promise<ReleaseSaved> {
    const text = inForce(readFileSync(join(samples, file), 'utf8'));
    const headers = { 'content-type': 'text/markdown', 'x-file-name': file };
    return ask('writer', 'POST', '/releases/import?losses=accept', text, headers);
  }

  return {
    async connect() {
      await ask('admin', 'POST', '/organizations/import', {
        organizations: units.map(({ id, name, region, parent }) => ({ id, name, region, ...(parent && { parent }) })),
      });
      await ask('admin', 'PUT', '/chains', { kind: 'policy', steps: policyChain });
      await ask('commander', 'POST', '/event-templates/import', { shipped: true });
      const accounts = accountRows(desk);
      const result = await ask<{ created: number; refused: unknown[] }>('operator', 'POST', '/accounts/import', {
        accounts,
      });
      if (result.refused.length > 0) throw new Error(`accounts were refused: ${JSON.stringify(result.refused)}`);
      return result.created;
    },
    async sendKeynote() {
      const [cover, chart] = await Promise.all(
        (await drawPictures()).map(async ({ name, alt, bytes }) => {
          const { hash } = await ask<{ hash: string }>('writer', 'POST', '/media', bytes, {
            'content-type': 'image/png',
            'x-file-name': name,
          });
          return { hash, alt };
        }),
      );
      const [, front = '', text = ''] =
        /^---\n(.*?)\n---\n(.*)$/s.exec(readFileSync(join(samples, 'keynote-2020.md'), 'utf8')) ?? [];
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(front)?.[1] ?? '';
      const paragraphs = text.trim().split('\n\n');
      paragraphs.splice(1, 0, `![${cover?.alt ?? ''}](media:${cover?.hash ?? ''})`);
      paragraphs.splice(6, 0, `![${chart?.alt ?? ''}](media:${chart?.hash ?? ''})`);
      return send(
        await ask('writer', 'POST', '/releases', {
          title: field('title'),
          author: field('author'),
          source: field('source'),
          language: field('language'),
          kind: 'news',
          columns: ['要闻动态'],
          summary: '以公開為常態、不公開為例外，把政府網站和政務新媒體打造成更加高效便民的政務公開第一平臺。',
          body: { format: 'markdown', content: paragraphs.join('\n\n') },
          cover: cover?.hash,
        }),
      );
    },
    sendSample: async (file) => send(await importSample(file)),
    async readyDrill(file) {
      const { release } = await importSample(file);
      const submission = { revision: release.revision.id, audience: { tags: ['演示'] } };
      const { id } = await ask<ReviewBody>('writer', 'POST', `/releases/${release.id}/submit`, submission);
      await signOne('signer', id);
      return id;
    },
    sendNotice: async (words) => send(await ask('writer', 'POST', '/releases', noticeOf(words))),
    async correct(release, words) {
      const { revision } = await ask<ReleaseSaved['release']>('writer', 'GET', `/releases/${release}`);
      const change = { ...noticeOf(words), revision: revision.id, change: 'correction' };
      await send(await ask('writer', 'PUT', `/releases/${release}`, change));
    },
    status: (release) => ask('writer', 'GET', `/releases/${release}/status`),
    placements: async (release, state) =>
      (await ask<{ items: PlacementRow[] }>('writer', 'GET', `/releases/${release}/placements?state=${state}`)).items,
  };
}

/** A warning of a sample begins when it is shown: one that is over would be stopped. */
function inForce(text: string): Buffer {
  const at = (hours: number): string => beijingStamp(new Date(Date.now() + hours * 3_600_000));
  return Buffer.from(text.replace(/^( *onset:).*$/m, `$1 ${at(0)}`).replace(/^( *expires:).*$/m, `$1 ${at(9)}`));
}

/** Pictures are prepared in their own queue; a release waits for them a moment before it may be signed. */
async function whenReady<T>(sign: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 30_000; ;) {
    try {
      return await sign();
    } catch (error) {
      if (Date.now() > end || !String(error).includes('media_not_ready')) throw error;
      await new Promise((wait) => setTimeout(wait, 200));
    }
  }
}
