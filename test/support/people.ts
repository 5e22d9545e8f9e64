/** People of a test server, each in a session of their own. */
import { newId } from '../../core/ids.js';
import type { Role } from '../../core/model/roles.js';
import { addPerson } from '../../core/people/add.js';
import { cookieOf } from './cookie.js';
import { request, type Answer, type TestServer } from './http.js';

export interface TestPerson {
  id: string;
  name: string;
  password: string;
  /** As this person, in their session. */
  call(method: string, path: string, json?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Signs in anew, which the calls use from then on. */
  signIn(): Promise<Answer>;
  /** The cookie that the calls send. */
  cookie(): string;
}

/** Somebody with these roles over their unit. */
export async function personWith(
  server: TestServer,
  roles: readonly Role[],
  unit?: { organization: string; path: string },
  name: string = newId('n'),
): Promise<TestPerson> {
  const password = newId('password');
  const displayName = `${roles.join('-')} ${name}`;
  const person = await addPerson(server.services, { name, displayName, password, roles, ...(unit && { unit }) });
  return signedIn(server, { id: person._id, name, password });
}

/** Somebody who is there already. */
export async function signedIn(
  server: TestServer,
  who: { id: string; name: string; password: string },
): Promise<TestPerson> {
  let cookie = '';
  const origin = server.services.config.url;
  const person: TestPerson = {
    ...who,
    cookie: () => cookie,
    async signIn() {
      const { name, password } = who;
      const answer = await request(`${server.url}/api/v1/session`, 'POST', {
        json: { name, password },
        headers: { origin },
      });
      cookie = cookieOf(answer);
      return answer;
    },
    async call(method, path, json, headers = {}) {
      const answer = await request(`${server.url}/api/v1${path}`, method, {
        ...(json !== undefined && { json }),
        headers: { cookie, origin, ...headers },
      });
      // A session that rises comes back under another id.
      cookie = cookieOf(answer) || cookie;
      return answer;
    },
  };
  await person.signIn();
  return person;
}

/** Units in a tree, by their paths: `province/fuhai/`. */
export async function makeUnits(server: TestServer, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const [id = '', parent] = path.split('/').reverse().slice(1);
    const unit = { _id: id, name: `单位 ${id}`, path, region: '350000', ...(parent !== undefined && { parent }) };
    await server.services.store.organizations.create(unit);
  }
}

export function unitAt(path: string): { organization: string; path: string } {
  return { organization: path.split('/').at(-2) ?? '', path };
}

/** What the book of acts holds, oldest first. */
export async function book(server: TestServer): Promise<
  {
    act: string;
    outcome: string;
    code?: string;
    who: { person?: string };
    on: Record<string, string>;
    after?: Record<string, unknown>;
  }[]
> {
  const rows = await server.services.store.auditEntries.find({}).sort({ n: 1 }).lean();
  return rows.map(({ body }) => JSON.parse(body) as never);
}
