/** What differs between two revisions: in words, and as each channel will show them. */
import { z } from 'zod';
import type { Channel } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';
import type { Revision } from '../core/model/release.js';
import { contentOf } from '../core/releases/content.js';
import { compareTexts, compareWords } from '../core/reviews/compare.js';
import { compareQuery, comparison, renditions, type Comparison } from './contract/reviews.js';
import { releaseUpdate } from './contract/releases.js';
import { openComposing } from './composing.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { followingOf } from './following.js';
import type { Services } from './services.js';
import { openShowing, type Shown } from './showing.js';

const byId = z.object({ id: z.string() });

type Means = Pick<Services, 'store' | 'channels' | 'config' | 'log' | 'library' | 'media'>;

export function comparingEndpoints(services: Means): Endpoint[] {
  const { store, channels } = services;
  const { show } = openShowing(services);
  const compose = openComposing(services);

  async function revisionOf(release: string, id: string): Promise<Revision> {
    const row = await store.revisions.findById(id).lean();
    if (row?.release !== release) throw new LianfaError('not_found', { what: id });
    return row;
  }

  async function shownOn(channel: Channel, text: Revision, organization: string | undefined): Promise<Shown> {
    const content = { ...contentOf(text), revision: 'preview' };
    return show(channel, content, organization, text.change !== undefined);
  }

  /** Only channels that show the two otherwise. */
  async function channelsOf(release: string, from: Revision, to: Revision): Promise<Comparison['channels']> {
    const row = await store.releases.findById(release, { organization: 1 }).lean();
    const told: Comparison['channels'] = [];
    for (const channel of channels.values()) {
      const [one, other] = await Promise.all([from, to].map((text) => shownOn(channel, text, row?.organization)));
      const parts = await compareWords(one?.html ?? '', other?.html ?? '', true);
      if (parts.some(({ is }) => is !== 'same')) told.push({ channel: channel.name, parts });
    }
    return told;
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/compare',
        summary: { zh: '比较两个版本', en: 'What differs between two revisions' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        query: compareQuery,
        answer: { status: 200, schema: comparison },
      },
      async ({ params, query }) => {
        const [from, to] = await Promise.all([revisionOf(params.id, query.from), revisionOf(params.id, query.to)]);
        return { fields: await compareTexts(from, to), channels: await channelsOf(params.id, from, to) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/compare',
        summary: {
          zh: '比较未保存的内容与最新版本（他人先保存了）',
          en: 'What differs between a text that is not saved and the newest revision, where somebody else saved first',
        },
        needs: { permission: 'releases.write', over: 'release' },
        params: byId,
        body: releaseUpdate,
        answer: { status: 200, schema: comparison },
      },
      async ({ params, body: { change, revision: _base, ...body } }) => {
        const release = await store.releases.findById(params.id).lean();
        if (!release) throw new LianfaError('not_found', { what: params.id });
        const newest = await revisionOf(params.id, release.revision);
        const of = await followingOf(store, { release: params.id, change });
        const { content } = await compose(body, undefined, of);
        return { fields: await compareTexts(newest, content), channels: [] };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/renditions',
        summary: { zh: '一个版本的各渠道稿', en: 'A revision, as each channel will show it' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        query: z.object({ revision: z.string().max(80) }),
        answer: { status: 200, schema: renditions },
      },
      async ({ params, query }) => {
        const text = await revisionOf(params.id, query.revision);
        const row = await store.releases.findById(params.id, { organization: 1 }).lean();
        const shown = [...channels.values()].map((channel) => shownOn(channel, text, row?.organization));
        return { renditions: await Promise.all(shown) };
      },
    ),
  ];
}
