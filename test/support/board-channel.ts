/** A channel for tests of the HTTP face: it can render, be called back and show a page; nothing leaves the process. */
import { z } from 'zod';
import type { Channel } from '../../channels/channel.js';

const settings = z.strictObject({ site: z.url(), columns: z.number().int().default(1) });
const credentials = z.strictObject({ token: z.string().min(8) });
const notHere = (): Promise<never> => Promise.reject(new Error('not in this test'));

export const boardChannel: Channel<z.infer<typeof settings>, z.infer<typeof credentials>, string> = {
  name: 'board',
  label: { zh: '公告栏', en: 'Board' },
  accountSchema: { settings, credentials },
  identity: ({ site }) => site,
  credentialsGoBy: ['site'],
  limits: { pictures: { inline: { maxBytes: 200_000, maxEdge: 600, formats: ['jpeg', 'png'] } }, publishSeconds: 5 },
  render(release, profile) {
    if (release.title.includes('坏')) throw new Error('cannot render');
    return {
      payload: release.body,
      preview: `<!doctype html><h1>${release.title}</h1><p>${profile.name} ${profile.settings.site}</p>${release.body}`,
      expected: { title: release.title, text: '', pictures: 0 },
      warnings: [{ code: 'short', field: 'title', said: { zh: '标题较短', en: 'The title is short' } }],
    };
  },
  // An account whose platform lets nobody delete by API.
  replaces: ({ settings: { columns } }) => (columns === 9 ? 'cannot' : 'anew'),
  hostOf: ({ settings: { site } }) => new URL(site).origin,
  publish: notHere,
  find: notHere,
  verify: notHere,
  withdraw: notHere,
  check: (account) =>
    account.credentials.token.startsWith('good')
      ? Promise.resolve({ outcome: 'ok', daysLeft: 5 })
      : Promise.reject(new Error('token dead')),
  classify: () => ({
    class: 'action',
    cause: { zh: '令牌失效', en: 'The token is dead' },
    todo: { zh: '请更换', en: 'Replace it' },
  }),
  callback(account, request, now) {
    if (request.query.get('token') !== account.credentials.token)
      return { status: 403, mime: 'text/plain', body: 'forged', news: [] };
    const remoteId = request.body.toString('utf8');
    return {
      status: 200,
      mime: 'text/plain',
      body: request.query.get('echo') ?? 'success',
      news: remoteId ? [{ remoteId, at: now, verification: { outcome: 'pending', again: 60 } }] : [],
    };
  },
  publicFace: {
    at: '/board',
    handle: (request) =>
      Promise.resolve({
        status: 200,
        headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Path': encodeURIComponent(request.path) },
        body: `${request.method} ${request.query.get('q') ?? ''} ${request.body.length}`,
      }),
  },
  sandbox: () => ({
    name: 'board',
    open: () => undefined,
    callOf: () => '',
    handle: () => ({ status: 200, body: '' }),
    failure: () => ({ status: 500, body: '' }),
    publicPage: () => '',
    account: (n) => ({
      name: `示例 ${n}`,
      settings: { site: 'https://specimen.example' },
      credentials: { token: 'good-token' },
    }),
  }),
};
