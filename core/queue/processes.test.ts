import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type Server } from '../../bench/redis-servers.js';
import { newId } from '../ids.js';
import { connectRedis, type RedisClient } from './connection.js';
import { takePlace, type Place } from './processes.js';

const folder = mkdtempSync(join(tmpdir(), 'lianfa-processes-'));
let server: Server;
let redis: RedisClient;
let settings: { url: string; prefix: string };
let places: Place[] = [];

beforeAll(async () => {
  server = await startServer(folder, ['save ""']);
  redis = connectRedis({ url: `redis://127.0.0.1:${server.port}`, prefix: '' }, 'worker');
});
beforeEach(() => {
  places = [];
  settings = { url: `redis://127.0.0.1:${server.port}`, prefix: newId('hub') };
});
afterEach(async () => {
  await Promise.all(places.map((place) => place.leave()));
});
afterAll(() => {
  redis.disconnect();
  server.end();
  rmSync(folder, { recursive: true, force: true });
});

const silent = (): void => undefined;

async function begin(name: string, format: number, say: (line: string) => void = silent): Promise<Place> {
  const place = await takePlace(settings, { name, format, say });
  places.push(place);
  return place;
}

it('lets any number of one format work side by side', async () => {
  await begin('publish', 1);
  await begin('publish', 1);
  await begin('record', 1);
});

it('holds a newer one back until all older ones have ended, and names them once', async () => {
  const old = await begin('publish', 1);
  const lines: string[] = [];
  let heard: () => void = silent;
  const told = new Promise<void>((done) => (heard = done));
  const newer = begin('record', 2, (line) => {
    lines.push(line);
    heard();
  });
  await told;
  // Meanwhile the older ones go on, and may even be joined.
  const another = await begin('clock', 1);
  await old.leave();
  await another.leave();
  await newer;
  expect(lines).toEqual([expect.stringMatching(/begins when all older processes have ended: publish @ .+ \(\d+\)/)]);
});

it('lets no older one begin beside a newer one, nor after it', async () => {
  const newer = await begin('record', 2);
  await expect(begin('publish', 1)).rejects.toThrow(/record @ .+format 1 alone/);
  await newer.leave();
  await expect(begin('publish', 1)).rejects.toMatchObject({ code: 'newer_version' });
  await redis.flushall();
  await begin('publish', 1);
});

it('tells one that was taken for ended to end, when a newer one has begun meanwhile', async () => {
  const old = await begin('publish', 1);
  await redis.del(`{${settings.prefix}}:processes`);
  await begin('record', 2);
  expect(await old.overtaken).toMatchObject({ code: 'newer_version' });
});

it('ends the older of two that an emptied Redis let begin', async () => {
  const newer = await begin('record', 2);
  await redis.flushall();
  const old = await begin('publish', 1).catch(() => undefined);
  // It is refused where the newer one has already said its word again.
  if (old) expect(await old.overtaken).toMatchObject({ code: 'newer_version' });
  expect(await Promise.race([newer.overtaken, Promise.resolve('at work')])).toBe('at work');
});
