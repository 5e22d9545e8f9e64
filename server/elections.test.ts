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

/** Operations into each route: those of the door, of what it needs and the first of its work. */
const deep = 8;

it.each(['steppedDown', 'nobody', 'noAnswer'] as const)(
  'answers 503 with a time to come again on every route that changes something (%s)',
  async (fault) => {
    const document = (await request(`${server.url}/api/openapi.json`, 'GET')).body as {
      paths: Record<string, Record<string, { 'x-needs'?: { over?: string } }>>;
    };
    const wrong: string[] = [];
    let struckAt = 0;
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { 'x-needs': needs }] of Object.entries(methods)) {
        if (method === 'get' || path.startsWith('/api/v1/session')) continue;
        const id = needs?.over === 'release' ? release.id : needs?.over === 'unit' ? 'sz' : '-';
        for (let n = 1; n <= deep; n += 1) {
          const answer = await struck(fault, n, () =>
            server.call(method.toUpperCase(), path.replace(/\{\w+\}/g, id), { json: {} }),
          );
          if (!answer) break;
          struckAt += 1;
          const fault_ = wrongIn(answer);
          if (fault_ !== undefined) wrong.push(`${method} ${path} at ${n}: ${fault_}`);
        }
      }
    expect(wrong).toEqual([]);
    expect(struckAt).toBeGreaterThan(200);
  },
);

interface Act {
  name: string;
  ask: () => Promise<Answer>;
  /** How often it was done, as the book has it, and as the rows have it. */
  entry: string;
  rows: () => Promise<number>;
}

const acts: Act[] = [
  {
    name: 'a release is written',
    ask: () => server.call('POST', '/api/v1/releases', { json: draft() }),
    entry: 'release.create',
    rows: () => server.services.store.releases.countDocuments({}),
  },
  {
    name: 'a unit is made',
    ask: () =>
      server.call('POST', '/api/v1/organizations', {
        json: { id: newId('u'), name: newId('n'), parent: 'sz', region: '360000' },
      }),
    entry: 'unit.create',
    rows: () => server.services.store.organizations.countDocuments({}),
  },
  {
    name: 'a person is added',
    ask: () =>
      server.call('POST', '/api/v1/people', {
        json: { name: newId('p'), displayName: '张三', organization: 'sz', roles: [] },
      }),
    entry: 'person.create',
    rows: () => server.services.store.people.countDocuments({}),
  },
  {
    name: 'a remark is made',
    ask: () =>
      server.call('POST', `/api/v1/releases/${release.id}/comments`, {
        json: { revision: release.revision, words: '请核对' },
      }),
    entry: 'comment.create',
    rows: () => server.services.store.comments.countDocuments({}),
  },
];

describe.each(acts)('$name', ({ ask, rows, entry }) => {
  it.each(['steppedDown', 'nobody', 'noAnswer'] as const)(
    'once or not at all, as the book has it (%s)',
    async (fault) => {
      const written = () => server.services.store.auditEntries.countDocuments({ act: entry, outcome: 'done' });
      const seen: string[] = [];
      for (let n = 1; ; n += 1) {
        const before = [await rows(), await written()];
        const answer = await struck(fault, n, ask);
        const [more, entered] = [(await rows()) - (before[0] ?? 0), (await written()) - (before[1] ?? 0)];
        if (!answer) {
          expect([more, entered]).toEqual([1, 1]);
          break;
        }
        const wrong = wrongIn(answer);
        if (wrong !== undefined || more !== entered || more > 1)
          seen.push(`at ${n}: ${wrong ?? ''} ${more} ${entered}`);
      }
      expect(seen).toEqual([]);
    },
  );
});
