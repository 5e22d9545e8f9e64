/** A whole HTTP face over a disk that is filled through its book of acts; tells in one line of JSON what it then still did. */
import { act } from '../core/audit/book.js';
import { openTestServer, request, type Answer } from './support/http.js';

const server = await openTestServer();
const { store, config } = server.services;
const text = { title: '通知', source: '市政府', kind: 'notice', body: { format: 'text', content: '正文' } };
const made = await server.call('POST', '/api/v1/releases', { json: text });
const { release } = made.body as { release: { id: string; revision: { id: string } } };
const submit = (): Promise<Answer> =>
  server.call('POST', `/api/v1/releases/${release.id}/submit`, {
    json: { revision: release.revision.id, audience: {} },
  });
const review = ((await submit()).body as { id: string }).id;

async function counts(): Promise<Record<string, number>> {
  const { releases, revisions, reviews, people, grants, freezes, orders, auditEntries } = store;
  const all = { releases, revisions, reviews, people, grants, freezes, orders, auditEntries };
  return Object.fromEntries(
    await Promise.all(
      Object.entries(all).map(
        async ([name, model]) => [name, await (model as typeof releases).countDocuments({})] as const,
      ),
    ),
  );
}

/** Until not even a short entry is taken. */
let written = 0;
for (const size of [100_000, 5_000, 0]) {
  for (let full = 0; full < 3;) {
    const entry = {
      act: 'release.read',
      outcome: 'done' as const,
      who: 'clock',
      on: {},
      note: 'x'.repeat(size),
    };
    try {
      await act(store, entry, async () => undefined);
      written += 1;
    } catch {
      full += 1;
    }
  }
}

const before = await counts();
const json = (body: object) => ({ json: body });
const tries: [string, () => Promise<Answer>][] = [
  ['sign in', () => request(`${server.url}/api/v1/session`, 'POST', json({ ...server.other }))],
  ['write', () => server.call('POST', '/api/v1/releases', json({ ...text, title: '又一则' }))],
  [
    'submit',
    () =>
      server.call(
        'POST',
        `/api/v1/releases/${release.id}/submit`,
        json({ revision: release.revision.id, audience: {}, lane: 'emergency' }),
      ),
  ],
  [
    'sign',
    () => server.callAsOther('POST', `/api/v1/reviews/${review}/sign`, json({ password: server.other.password })),
  ],
  [
    'give a role',
    () =>
      server.call('POST', '/api/v1/people', json({ displayName: '新人', address: 'a@example.org', roles: ['writer'] })),
  ],
  [
    'freeze',
    () =>
      server.call(
        'POST',
        '/api/v1/freezes',
        json({ scope: { kind: 'everything' }, reason: '停', emergencyToo: false }),
      ),
  ],
];
const tried: [string, string | undefined][] = [];
for (const [what, ask] of tries) {
  const { status, body } = await ask();
  tried.push([what, (body as { error?: { code: string } }).error?.code ?? String(status)]);
}
console.log(JSON.stringify({ dataFolder: config.dataFolder, written, before, after: await counts(), tried }));
process.exit(0);
