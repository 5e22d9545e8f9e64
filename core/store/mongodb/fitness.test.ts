import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMongoFace, type MongoFace } from '../../../test/support/mongo-face.js';
import { LianfaError } from '../../errors.js';
import { awaitMongo, wordsOfMongo } from './fitness.js';

const faces: MongoFace[] = [];
afterAll(() => Promise.all(faces.map((face) => face.close())));

const secret = 'pass-word';
const silent = (): void => undefined;
/** ms: what these servers say they say at once. */
const soon = 250;

async function face(...shape: Parameters<typeof openMongoFace>): Promise<MongoFace> {
  const made = await openMongoFace(...shape);
  faces.push(made);
  return made;
}

/** The sentences for an operator; nothing where it is fit. Never the password. */
async function saidOf(uri: string): Promise<string> {
  try {
    await awaitMongo(uri, silent, soon);
    return '';
  } catch (error) {
    if (!(error instanceof LianfaError)) throw error;
    const { message, todo } = error.toJSON();
    const said = `${message.en} ${todo.en}`;
    expect(`${said}${message.zh}${todo.zh}`).not.toContain(secret);
    return said;
  }
}

const uriOf = ({ port }: MongoFace, options = 'replicaSet=rs0', user = ''): string =>
  `mongodb://${user}127.0.0.1:${port}/lianfa?${options}`;

it('takes the primary of a set, and tries what the hub does', async () => {
  const set = await face();
  expect(await saidOf(uriOf(set))).toBe('');
  expect(set.asked.map((command) => Object.keys(command)[0])).toEqual([
    ...['buildInfo', 'find', 'delete', 'commitTransaction'],
  ]);
});

it.each([
  ['w=0', /sets w, and an election could take back/],
  ['w=1', /sets w, and/],
  ['journal=false', /sets journal/],
  ['readPreference=secondary', /sets readPreference, and what is read would be behind/],
  ['readPreference=primaryPreferred', /sets readPreference/],
  ['readConcernLevel=local', /sets readConcernLevel/],
  ['retryWrites=false', /sets retryWrites/],
  ['retryReads=false', /sets retryReads/],
  ['directConnection=true', /sets directConnection/],
  ['tls=true&tlsAllowInvalidCertificates=true', /sets tlsAllow/],
  ['tls=true&tlsAllowInvalidHostnames=true', /sets tlsAllow/],
  ['tls=true&tlsInsecure=true', /sets tlsAllow/],
  ['nosuchoption=1', /cannot be read/],
])('refuses an address that says %s, before anybody is asked', async (option, said) => {
  expect(await saidOf(`mongodb://user:${secret}@127.0.0.1:1/lianfa?replicaSet=rs0&${option}`)).toMatch(said);
});

it.each([
  ['w=majority&readPreference=primary&retryWrites=true&readConcernLevel=majority'],
  ['replicaSet=rs0&w=majority&journal=true'],
])('takes an address that says itself what is right: %s', async (options) => {
  expect(await saidOf(uriOf(await face(), options))).toBe('');
});

const nothing = { setName: undefined, hosts: undefined, me: undefined };
it.each([
  { what: 'a server by itself', shape: { hello: nothing }, said: /standalone.*rs\.initiate/ },
  {
    what: 'a set that was never initiated',
    shape: { hello: { ...nothing, isreplicaset: true, ismaster: false, isWritablePrimary: false } },
    said: /never initiated.*rs\.initiate/,
  },
  {
    what: 'a set of another name',
    shape: { hello: { setName: 'other' } },
    said: /another name: other.*replicaSet=other/,
  },
  { what: 'one that is too old', shape: { version: '4.2.24' }, said: /too old \(4\.2\.24\).*4\.4/ },
  { what: 'one that the driver calls too old', shape: { hello: { maxWireVersion: 6 } }, said: /too old/ },
  {
    what: 'one that asks for a password',
    shape: {
      answer: (name: string) =>
        name === 'buildInfo' ? { ok: 0, code: 13, errmsg: 'Command buildInfo requires authentication' } : undefined,
    },
    said: /asks for a user/,
  },
  {
    what: 'a user who may too little',
    shape: {
      answer: (name: string) =>
        name === 'delete' ? { ok: 0, code: 13, errmsg: 'not authorized on lianfa to execute command' } : undefined,
    },
    said: /may not do.*readWrite/,
  },
  {
    what: 'one without majority reads',
    shape: {
      answer: (name: string) => (name === 'find' ? { ok: 0, code: 148, errmsg: 'majority read concern' } : undefined),
    },
    said: /enableMajorityReadConcern/,
  },
])('says of $what what it is and what to do', async ({ shape, said }) => {
  expect(await saidOf(uriOf(await face(shape)))).toMatch(said);
});

it('says that a password is wrong, and never which', async () => {
  const refusing = await face({
    answer: (name) =>
      name === 'saslStart'
        ? { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }
        : undefined,
  });
  expect(await saidOf(uriOf(refusing, 'authMechanism=SCRAM-SHA-256', `user:${secret}@`))).toMatch(
    /user or password is wrong/,
  );
  expect(wordsOfMongo(`mongodb://user:${secret}@a:1,b:2/lianfa?replicaSet=rs0`)).toBe('mongodb://a:1,b:2');
  expect(wordsOfMongo(`mongodb+srv://us@er:${secret}@a.example/lianfa`)).toBe('mongodb+srv://a.example');
});

it('takes TLS only from whom it can trust, by an authority of its own where one is named', async () => {
  const folder = join(import.meta.dirname, '../../queue/fixtures/tls');
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const safe = await face({
    tls: { cert: read('server.pem'), key: read('server.key') },
  });
  const uri = `mongodb://localhost:${safe.port}/lianfa?tls=true`;
  expect(await saidOf(uri)).toMatch(/cannot be trusted.*tlsCAFile/);
  expect(await saidOf(`${uri}&tlsCAFile=${encodeURIComponent(join(folder, 'ca.pem'))}`)).toBe('');
});

it('waits for one that is away, or has no primary, says so in one line, and when it is back', async () => {
  const lines: string[] = [];
  let heard: () => void = silent;
  const first = new Promise<void>((done) => (heard = done));
  let voted = false;
  const secondary = { ismaster: false, isWritablePrimary: false, secondary: true };
  const member = await face({
    answer: (name) => (name === 'hello' || name === 'ismaster' ? (voted ? undefined : helloOf(secondary)) : undefined),
  });
  const helloOf = (more: object) => ({
    ...{ ok: 1, helloOk: true, setName: 'rs0', hosts: [`127.0.0.1:${member.port}`], me: `127.0.0.1:${member.port}` },
    ...{ minWireVersion: 0, maxWireVersion: 21, logicalSessionTimeoutMinutes: 30, ...more },
  });
  const waiting = awaitMongo(
    uriOf(member),
    (line) => {
      lines.push(line);
      heard();
    },
    soon,
  );
  await first;
  voted = true;
  await waiting;
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/waiting: .*no primary/);
  expect(lines[1]).toMatch(/is back after \d+ s/);
});
