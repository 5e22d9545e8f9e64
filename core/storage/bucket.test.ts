/** A bucket keeps the later of two drawings whatever reaches it last, and its being away is one sentence and a pause. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { StorageAway } from '../../channels/files.js';
import { startStorage, type StorageServer } from '../../test/support/storage-server.js';
import { openFaultLog } from '../hub/fault-log.js';
import { readConfig } from '../hub/config.js';
import { copyInto } from './copy.js';
import { tryStorage } from './fitness.js';
import { openStorage } from './storage.js';

let storage: StorageServer;
beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage.close());
beforeEach(() => {
  Object.assign(storage, { away: false, conditions: 'kept' });
});

const textOf = async (name: string): Promise<string | undefined> =>
  (await storage.machine().files.read(name))?.toString();

it.each(['kept', 'refused', 'overlooked'] as const)(
  'keeps what a higher order drew, conditions %s',
  async (conditions) => {
    storage.conditions = conditions;
    const [one, other] = [storage.machine().files, storage.machine().files];
    const name = `order-${conditions}.html`;
    await one.draw(name, '新', '000000000012');
    await other.draw(name, '旧', '000000000011');
    expect(await textOf(name)).toBe('新');
    await other.draw(name, '更新', '000000000013');
    expect(await textOf(name)).toBe('更新');
  },
);

it('keeps it too where the older one had looked before and its write comes last', async () => {
  const [one, other] = [storage.machine().files, storage.machine().files];
  for (const [name, before] of [
    ['late-new.html', undefined],
    ['late-old.html', '原来'],
  ] as const) {
    if (before !== undefined) await one.draw(name, before, '1');
    const late = storage.hold('PUT', new RegExp(name));
    const older = one.draw(name, '旧', '2');
    await late.came;
    await other.draw(name, '新', '3');
    late.go();
    await older;
    expect(await textOf(name)).toBe('新');
  }
});

it('lets all of many that draw at once end with the last of them', async () => {
  const machines = Array.from({ length: 4 }, () => storage.machine().files);
  await Promise.all(Array.from({ length: 8 }, (_, n) => machines[n % 4]?.draw('race.html', String(n), String(n))));
  expect(await textOf('race.html')).toBe('7');
});

it('serves whoever reads the bucket without us under the kind that it was given', async () => {
  await storage.machine().files.draw('kind.html', '<p>', '1', 'text/html; charset=utf-8');
  expect(storage.watched.findLast(({ method }) => method === 'PUT')?.name).toBe('kind.html');
});

it('says once that the storage is away and once that it is back, goes on by itself, and tells no key', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  // The log's clock alone is the test's.
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'performance'],
  });
  const report = openFaultLog(log);
  const { files } = storage.machine((error) => report(error, 'the file storage'));
  await files.write('before', 'x');
  storage.away = true;
  const failures = await Promise.all(
    ['a', 'b', 'c'].map((name) => files.write(name, 'x').catch((error: unknown) => error)),
  );
  for (const failure of failures) expect(failure).toBeInstanceOf(StorageAway);
  storage.away = false;
  await files.write('after', 'x');
  jest.advanceTimersByTime(120_000);
  jest.useRealTimers();
  expect(lines.filter((line) => line.includes('"level":50'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('back after'))).toHaveLength(1);
  expect(lines.join('')).not.toContain('S3RVER');
});

describe('at the start', () => {
  const tried = async (change: Partial<StorageServer['place']>): Promise<{ code?: string; said: string[] }> => {
    const said: string[] = [];
    try {
      await tryStorage({ ...storage.place, ...change }, (line) => said.push(line));
      return { said };
    } catch (error) {
      const { code, message, todo } = (
        error as { toJSON(): { code: string; message: { zh: string }; todo: { zh: string } } }
      ).toJSON();
      return { code, said: [message.zh, todo.zh] };
    }
  };

  it('finds a storage that can be worked with fit, and leaves nothing in it', async () => {
    expect(await tried({})).toEqual({ said: [] });
    expect([...storage.names].filter((name) => name.startsWith('.tried'))).toEqual([]);
  });

  it.each([
    ['a wrong access key', { accessKey: 'nobody' }, 'STORAGE_ACCESS_KEY'],
    ['a wrong secret', { secretKey: 'wrong' }, 'STORAGE_SECRET_KEY'],
    ['another region', { region: 'elsewhere' }, 'STORAGE_SECRET_KEY'],
  ])('says %s in a sentence', async (_what, change, next) => {
    const { code, said } = await tried(change);
    expect([code, said[1]?.includes(next)]).toEqual(['storage_unfit', true]);
    expect(said.join('')).not.toContain('wrong');
  });

  it('says that there is no such bucket', async () => {
    const address = storage.place.address.replace('/lianfa', '/other');
    expect(await tried({ address })).toMatchObject({
      code: 'storage_unfit',
      said: [expect.stringContaining('没有这个桶'), expect.stringContaining('STORAGE_URL')],
    });
  });

  it('believes a certificate of an own authority where that is named, and no other', async () => {
    const fixtures = join(__dirname, '..', 'queue', 'fixtures', 'tls');
    const [key, cert] = ['server.key', 'server.pem'].map((name) => readFileSync(join(fixtures, name)));
    const before = createServer({ key, cert }, (socket) => {
      const behind = connect(Number(new URL(storage.place.address).port), '127.0.0.1');
      for (const one of [socket, behind]) one.on('error', () => one.destroy());
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((done) => before.listen(0, '127.0.0.1', done));
    try {
      const address = `https://127.0.0.1:${(before.address() as AddressInfo).port}/lianfa`;
      const { code, said } = await tried({ address });
      expect([code, said[0]?.includes('证书'), said[1]?.includes('STORAGE_CA_FILE')]).toEqual([
        'storage_unfit',
        true,
        true,
      ]);
      expect(await tried({ address, caFile: join(fixtures, 'ca.pem') })).toEqual({ said: [] });
    } finally {
      before.close();
    }
  });

  it('goes on where it does not answer, and says so', async () => {
    expect(await tried({ address: 'http://127.0.0.1:1/lianfa' })).toEqual({
      said: [expect.stringContaining('does not answer')],
    });
  });
});

describe('the setting', () => {
  const secret = Buffer.alloc(32, 1).toString('base64');
  const settings = (url: string, keys = true) =>
    readConfig({
      LIANFA_DATA: '/tmp/lianfa-settings',
      STORAGE_URL: url,
      LIANFA_SECRET: secret,
      ...(keys && { STORAGE_ACCESS_KEY: 'a', STORAGE_SECRET_KEY: 'b' }),
    }).storage;

  it.each([
    ['https://minio.example:9000/lianfa', 'https://minio.example:9000/lianfa', 'us-east-1'],
    [
      'https://lianfa.oss-cn-beijing.aliyuncs.com/?region=oss-cn-beijing',
      'https://lianfa.oss-cn-beijing.aliyuncs.com',
      'oss-cn-beijing',
    ],
    ['http://10.0.0.5/bucket/one-hub/?region=r', 'http://10.0.0.5/bucket/one-hub', 'r'],
  ])('%s', (url, address, region) => {
    expect(settings(url)).toMatchObject({ address, region, accessKey: 'a', secretKey: 'b' });
  });

  it.each([
    ['minio.example/lianfa', 'https://HOST/BUCKET'],
    ['s3://lianfa', 'https://HOST/BUCKET'],
    ['https://key:secret@minio.example/lianfa', 'STORAGE_ACCESS_KEY'],
    ['https://minio.example/lianfa?style=path', 'region'],
    ['https://minio.example/政府', 'prefix'],
  ])('%s is refused with a sentence', (url, words) => {
    expect(() => settings(url)).toThrow(words);
  });

  it('takes both keys with it', () => {
    expect(() => settings('https://minio.example/lianfa', false)).toThrow('STORAGE_SECRET_KEY');
  });

  it('takes the secret with it that all machines share: a key file would be another on each', () => {
    const env = { ...storage.env, LIANFA_DATA: '/tmp/lianfa-settings' };
    expect(() => readConfig(env)).toThrow('LIANFA_SECRET');
  });

  it('is the data folder where there is none', async () => {
    const none = readConfig({ LIANFA_DATA: '/tmp/lianfa-settings' });
    expect(none.storage).toBeUndefined();
    const { files, close } = openStorage(none, () => undefined);
    expect(await files.has('media/x')).toBe(false);
    await close();
  });
});

it('is filled from the folder of one machine with what is nowhere else, and once more with what has come since', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-copy-'));
  try {
    const { files: here } = openStorage({ storage: undefined, dataFolder: folder }, () => undefined);
    const there = storage.machine().files;
    const kept = [
      `media/ab/${'ab'.repeat(32)}`,
      `media/ab/${'ab'.repeat(32)}.website.page`,
      'channels/website/s/private/uploads/media-1.jpg',
    ];
    const made = [
      'channels/website/s/public/index.html',
      'channels/website/s/private/words.sqlite',
      'media/ab/x.12-ab.part',
      'lianfa.sqlite',
    ];
    for (const name of [...kept, ...made]) await here.write(name, name);
    expect(await copyInto(there, folder, () => undefined)).toEqual({ copied: 3, there: 0 });
    await here.write('media/cd/new', 'new');
    expect(await copyInto(there, folder, () => undefined)).toEqual({ copied: 1, there: 3 });
    for (const name of [...kept, 'media/cd/new']) expect(await there.read(name)).toEqual(await here.read(name));
    for (const name of made) expect(await there.has(name)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
