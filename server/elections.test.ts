/**
 * An election in the middle of whatever a person does: at each operation of the store in turn, before it was carried out and
 * after it was and without its answer. The person is asked to come again, and nothing is done by half or twice.
 */
import { openOutages, type Fault, type Outages } from '../test/support/outages.js';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { newId } from '../core/ids.js';
import type { ReleaseSaved } from './contract/releases.js';

jest.setTimeout(60_000);

let server: TestServer;
let outages: Outages;
let release: ReleaseSaved['release'];

beforeAll(async () => {
  server = await openTestServer();
  await server.services.store.organizations.create({ _id: 'sz', name: '示例州', path: 'sz/', region: '360000' });
  const saved = (await server.call('POST', '/api/v1/releases', { json: draft() })).body as ReleaseSaved;
  release = saved.release;
  outages = openOutages(server.services.store.connection);
});
afterAll(() => server.close());

const draft = () => ({
  title: `停水通知 ${newId('t')}`,
  organization: 'sz',
  source: '示例州',
  body: { format: 'text', content: '明天停水。' },
});

/** Fails at the n-th operation alone; undefined where there was none such. */
async function struck(fault: Fault, n: number, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  outages.begin(fault, (count) => count === n);
  const answer = await ask();
  return outages.end() > 0 ? answer : undefined;
}

const codeOf = ({ body }: Answer): string | undefined =>
  (body as { error?: { code: string } } | undefined)?.error?.code;
const told = ['store_unavailable', 'outcome_unknown'];

/** What is wrong with an answer to somebody whom an election has struck. */
function wrongIn(answer: Answer): string | undefined {
  const { status, headers } = answer;
  if (status === 503 && told.includes(codeOf(answer) ?? '') && Number(headers.get('retry-after')) > 0) return undefined;
  return `${status} ${codeOf(answer) ?? ''} ${headers.get('retry-after') ?? ''}`;
}

/** Operations into each route: those of the door, of what it needs, and the first of its work. */
const deep = 4;

it('answers 503 with a time to come again on every route that changes something, or the refusal that it would give anyway', async () => {
  const document = (await request(`${server.url}/api/openapi.json`, 'GET')).body as {
    paths: Record<string, Record<string, { 'x-needs'?: { over?: string } }>>;
  };
  const wrong: string[] = [];
  let times = 0;
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { 'x-needs': needs }] of Object.entries(methods)) {
      // The check of the whole book goes on after its answer.
      if (method === 'get' || path.startsWith('/api/v1/session') || path === '/api/v1/audit/check') continue;
      const id = needs?.over === 'release' ? release.id : needs?.over === 'unit' ? 'sz' : '-';
      const ask = () => server.call(method.toUpperCase(), path.replace(/\{\w+\}/g, id), { json: {} });
      const seen = new Set<string>();
      for (let n = 1; n <= deep; n += 1) {
        const answer = await struck(n % 2 === 0 ? 'noAnswer' : 'nobody', n, ask);
        if (!answer) break;
        times += 1;
        const fault = wrongIn(answer);
        if (fault !== undefined) seen.add(fault);
      }
      // Where it is only the entry of a refusal that could not be written, what was refused stays refused.
      if (seen.size === 0) continue;
      const plain = await ask();
      seen.delete(wrongIn(plain) ?? '');
      if (plain.status < 400 || seen.size > 0) wrong.push(`${method} ${path}: ${[...seen, plain.status].join(', ')}`);
    }
  expect(wrong).toEqual([]);
  expect(times).toBeGreaterThan(200);
});

interface Act {
  name: string;
  ask: () => Promise<Answer>;
  rows: () => Promise<number>;
}

const acts: Act[] = [
  {
    name: 'a release is written',
    ask: () => server.call('POST', '/api/v1/releases', { json: draft() }),
    rows: () => server.services.store.releases.countDocuments({}),
  },
  {
    name: 'a unit is made',
    ask: () => {
      const json = { id: newId('u'), name: newId('n'), parent: 'sz', region: '360000' };
      return server.call('POST', '/api/v1/organizations', { json });
    },
    rows: () => server.services.store.organizations.countDocuments({}),
  },
  {
    name: 'a person is invited',
    ask: () => {
      const json = { displayName: '张三', address: `${newId('p')}@example.cn`, organization: 'sz', roles: ['writer'] };
      return server.call('POST', '/api/v1/people', { json });
    },
    rows: () => server.services.store.people.countDocuments({}),
  },
  {
    name: 'a remark is made',
    ask: () =>
      server.call('POST', `/api/v1/releases/${release.id}/comments`, {
        json: { revision: release.revision.id, words: '请核对' },
      }),
    rows: () => server.services.store.comments.countDocuments({}),
  },
];

describe.each(acts)('$name', ({ ask, rows }) => {
  const counted = async (): Promise<[number, number]> => [
    await rows(),
    await server.services.store.auditEntries.countDocuments({ outcome: 'done' }),
  ];

  /** What one press adds, to the rows and to the book. */
  async function added(press: () => Promise<unknown>): Promise<[number, number]> {
    const before = await counted();
    await press();
    const after = await counted();
    return [after[0] - before[0], after[1] - before[1]];
  }

  it.each(['nobody', 'noAnswer'] as const)('once or not at all, as the book has it (%s)', async (fault) => {
    const whole = await added(async () => expect(await ask()).toMatchObject({ status: 201 }));
    expect(whole[0]).toBe(1);
    const wrong: string[] = [];
    for (let n = 1, more = true; more; n += 1) {
      let answer: Answer | undefined;
      const [made, entered] = await added(async () => {
        answer = await struck(fault, n, ask);
      });
      more = answer !== undefined;
      const said = answer && answer.status >= 300 ? wrongIn(answer) : undefined;
      const half = made === 0 ? entered !== 0 : made !== 1 || entered !== whole[1];
      if (said !== undefined || half) wrong.push(`at ${n}: ${said ?? ''} ${made} ${entered}`);
    }
    expect(wrong).toEqual([]);
  });
});
