/**
 * Whether the Redis that was named can carry the hub, looked at once, at the start: a wrong kind or state would else be told
 * by every worker at every try, and by none in words. One that is away is waited for.
 */
import { awaitFit, isOlder, type Found, type Unfit } from '../fitness.js';
import { newId } from '../ids.js';
import { connectRedis, type RedisClient, type RedisSettings } from './connection.js';
import { redisKey } from './keys.js';
import { redisPlace, wordsOfPlace, type RedisPlace } from './place.js';

/** The first version that takes over what a consumer left lying (XAUTOCLAIM). */
const oldest = [6, 2] as const;

const isCluster: Unfit = {
  reason: { zh: '这是一个集群，却按单个 Redis 填写。', en: 'this is a cluster, and it is named as a single Redis.' },
  next: {
    zh: '请在 REDIS_URL 中写成 redis+cluster://主机:端口,主机:端口。',
    en: 'Name it so in REDIS_URL: redis+cluster://HOST:PORT,HOST:PORT.',
  },
};
const isNoCluster: Unfit = {
  reason: { zh: '这不是集群（没有打开 cluster-enabled）。', en: 'this is no cluster (cluster-enabled is off).' },
  next: {
    zh: '单个 Redis 请写成 redis://主机:端口；有 Sentinel 的写成 redis+sentinel://…/主节点名。',
    en: 'Name a single Redis as redis://HOST:PORT, one with Sentinels as redis+sentinel://…/NAME.',
  },
};
const isSentinel: Unfit = {
  reason: { zh: '这个端口上是 Sentinel，不是 Redis。', en: 'a Sentinel answers there, no Redis.' },
  next: {
    zh: '请在 REDIS_URL 中写成 redis+sentinel://主机:端口,主机:端口/主节点名。',
    en: 'Name it so in REDIS_URL: redis+sentinel://HOST:PORT,HOST:PORT/NAME.',
  },
};
const isNoSentinel: Unfit = {
  reason: { zh: '这个端口上是 Redis，不是 Sentinel。', en: 'a Redis answers there, no Sentinel.' },
  next: {
    zh: '请写明 Sentinel 的端口（通常 26379），或改用 redis://。',
    en: 'Name the port of the Sentinels (usually 26379), or use redis://.',
  },
};
const unknownMaster: Unfit = {
  reason: { zh: 'Sentinel 不认识这个主节点名。', en: 'the Sentinels know no master of that name.' },
  next: {
    zh: '请核对 REDIS_URL 末尾的名字与 Sentinel 配置中的 sentinel monitor 一致。',
    en: 'Compare the name at the end of REDIS_URL with "sentinel monitor" in their configuration.',
  },
};
const isReplica: Unfit = {
  reason: { zh: '这是只读的副本（READONLY）。', en: 'this is a replica, which takes no writes (READONLY).' },
  next: {
    zh: '请填写主节点的地址，或用 redis+sentinel:// 让 Sentinel 指明主节点。',
    en: 'Name the master, or let Sentinels name it: redis+sentinel://….',
  },
};
const noPassword: Unfit = {
  reason: { zh: '需要密码（NOAUTH）。', en: 'it asks for a password (NOAUTH).' },
  next: {
    zh: '请在 REDIS_URL 中写明 用户:密码@；Sentinel 自己的密码写在 REDIS_SENTINEL_PASSWORD。',
    en: 'Give USER:PASSWORD@ in REDIS_URL; the Sentinels’ own goes into REDIS_SENTINEL_PASSWORD.',
  },
};
const wrongPassword: Unfit = {
  reason: { zh: '用户名或密码不对（WRONGPASS）。', en: 'user or password are wrong (WRONGPASS).' },
  next: {
    zh: '请核对 REDIS_URL 中的用户和密码（特殊字符要用百分号编码），Sentinel 的在 REDIS_SENTINEL_USERNAME、REDIS_SENTINEL_PASSWORD。',
    en: 'Compare user and password in REDIS_URL (special characters percent-encoded), those of the Sentinels in REDIS_SENTINEL_USERNAME and REDIS_SENTINEL_PASSWORD.',
  },
};
const distrusted: Unfit = {
  reason: { zh: '对方的 TLS 证书无法信任。', en: 'its TLS certificate cannot be trusted.' },
  next: {
    zh: '自建机构签发的证书，请在 REDIS_CA_FILE 中写明该机构证书的文件；证书须写有所填的主机名。',
    en: 'Where your own authority has signed it, name the file of that in REDIS_CA_FILE; the certificate must hold the host as you name it.',
  },
};
const evicts: Unfit = {
  reason: {
    zh: '内存满时会丢弃数据（maxmemory-policy 不是 noeviction）。',
    en: 'it drops data when its memory is full (maxmemory-policy is not noeviction).',
  },
  next: {
    zh: '请设 maxmemory-policy noeviction 后重新启动。',
    en: 'Set maxmemory-policy noeviction and start again.',
  },
};
const forgets: Unfit = {
  reason: { zh: '没有打开持久化（appendonly no）。', en: 'it does not persist what it holds (appendonly no).' },
  next: {
    zh: '请设 appendonly yes、appendfsync everysec 后重新启动。',
    en: 'Set appendonly yes and appendfsync everysec and start again.',
  },
};
const splits: Unfit = {
  reason: {
    zh: '主节点与副本断开后仍会接受写入（min-replicas-to-write 为 0），两个主节点可能各办一次。',
    en: 'a master that has lost its replicas goes on taking writes (min-replicas-to-write is 0), so two masters might each let a text out.',
  },
  next: {
    zh: '请在每个节点上设 min-replicas-to-write 1、min-replicas-max-lag 5 后重新启动。',
    en: 'Set min-replicas-to-write 1 and min-replicas-max-lag 5 on every node and start again.',
  },
};

const stands: Unfit = {
  reason: {
    zh: '集群中刚接任的主节点还没有副本，会一直拒绝写入（min-replicas-to-write 不是 0）。',
    en: 'a replica that has just taken over has none of its own and would refuse every write (min-replicas-to-write is not 0).',
  },
  next: {
    zh: '集群请设 min-replicas-to-write 0（少数派的主节点会自己停下）后重新启动。',
    en: 'In a cluster set min-replicas-to-write 0 (a master without the majority stops by itself) and start again.',
  },
};

function tooOld(version: string): Unfit {
  return {
    reason: { zh: `版本太旧（${version}）。`, en: `its version is too old (${version}).` },
    next: { zh: '请升级到 Redis 6.2 或更高版本。', en: 'Take Redis 6.2 or newer.' },
  };
}

function notAllowed(words: string): Unfit {
  return {
    reason: { zh: `该用户的权限不够（${words}）。`, en: `its user may not do what is needed (${words}).` },
    next: {
      zh: '请给该用户：~{前缀* &{前缀* +@all -@dangerous +info +cluster（前缀见 LIANFA_REDIS_PREFIX），能加 +config|get 更好。',
      en: 'Give it ~{PREFIX* &{PREFIX* +@all -@dangerous +info +cluster (PREFIX is LIANFA_REDIS_PREFIX), and better +config|get too.',
    },
  };
}

/** What a server's own words mean; undefined where they only say that nobody is there. */
const byWords: [RegExp, (words: string) => Unfit][] = [
  [/MOVED \d|CROSSSLOT/, () => isCluster],
  [/cluster support disabled/, () => isNoCluster],
  [/unknown command.*sentinel/i, () => isNoSentinel],
  [/WRONGPASS|invalid password|AUTH <password> called without/i, () => wrongPassword],
  [/NOAUTH/, () => noPassword],
  [/NOPERM/, notAllowed],
  [/READONLY/, () => isReplica],
  [/certificate|self[- ]signed|altnames/i, () => distrusted],
];

function meaning(words: string): Unfit | undefined {
  return byWords.find(([pattern]) => pattern.test(words))?.[1](words);
}

/** One look at it. */
async function examined(settings: RedisSettings): Promise<Found> {
  const place = redisPlace.parse(settings.url);
  const faults: string[] = [];
  const redis = connectRedis(settings, 'once', { report: (error) => faults.push(wordsOf(error)) });
  try {
    await redis.connect();
    const unfit = await flawOf(redis, place, settings);
    return unfit ? { is: 'unfit', ...unfit } : { is: 'fit' };
  } catch (error) {
    const words = [...faults, wordsOf(error)];
    const unfit =
      words.map(meaning).find((one) => one !== undefined) ?? (await foreignSentinel(place, settings, words));
    return unfit ? { is: 'unfit', ...unfit } : { is: 'away', words: words.at(-1) ?? '' };
  } finally {
    redis.disconnect();
  }
}

/** Its words, and those of what caused it: a cluster or Sentinel client tells the last node's only inside. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = 'lastNodeError' in error ? error.lastNodeError : error.cause;
  return inner === undefined ? error.message : `${error.message} ${wordsOf(inner)}`;
}

/** Sentinels that answer and name no master have never heard of the name. */
async function foreignSentinel(
  place: RedisPlace,
  settings: RedisSettings,
  words: readonly string[],
): Promise<Unfit | undefined> {
  if (place.kind !== 'sentinel' || !words.some((one) => /sentinels are unreachable/i.test(one))) return undefined;
  const asked = await Promise.all(place.sentinels.map((node) => modeOf(node, place, settings)));
  if (asked.some((mode) => mode === 'sentinel')) return unknownMaster;
  return asked.some((mode) => mode !== undefined) ? isNoSentinel : undefined;
}

async function modeOf(
  { host, port }: { host: string; port: number },
  { tls }: RedisPlace,
  settings: RedisSettings,
): Promise<string | undefined> {
  const url = `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const redis = connectRedis({ ...settings, url }, 'once');
  try {
    await redis.connect();
    const { username, password } = settings.sentinel ?? {};
    if (password !== undefined) await (username === undefined ? redis.auth(password) : redis.auth(username, password));
    return /redis_mode:(\w+)/.exec(await redis.info('server'))?.[1] ?? '';
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

async function flawOf(redis: RedisClient, place: RedisPlace, settings: RedisSettings): Promise<Unfit | undefined> {
  const masters = 'nodes' in redis ? redis.nodes('master') : [redis];
  for (const master of masters) {
    const info = infoOf(await master.info());
    const flaw = flawIn(info, place) ?? (await splitting(master, info, place));
    if (flaw) return flaw;
  }
  await tryOut(redis, settings);
  return undefined;
}

type Info = ReadonlyMap<string, string>;

function infoOf(text: string): Info {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/** What its own account of itself says. */
function flawIn(info: Info, place: RedisPlace): Unfit | undefined {
  if (info.get('redis_mode') === 'sentinel') return isSentinel;
  if (info.get('cluster_enabled') === '1' && place.kind !== 'cluster') return isCluster;
  if (info.get('role') === 'slave') return isReplica;
  const version = info.get('redis_version') ?? '';
  if (isOlder(version, oldest)) return tooOld(version);
  if (info.get('maxmemory_policy') !== 'noeviction') return evicts;
  return info.get('aof_enabled') === '1' ? undefined : forgets;
}

/**
 * Where Sentinels let a replica take over, the old master must fall silent by itself: else it goes on opening the door to
 * whoever still hears it. A cluster's master does so without the majority of the others; there the same setting would
 * stop a replica that has just taken over and has none of its own yet. Some providers do not let their settings be read; then their word is taken for it.
 */
async function splitting(
  redis: Pick<RedisClient, 'config'>,
  info: Info,
  place: RedisPlace,
): Promise<Unfit | undefined> {
  if (place.kind === 'one' || (place.kind === 'sentinel' && Number(info.get('connected_slaves') ?? 0) === 0))
    return undefined;
  try {
    const [, least] = (await redis.config('GET', 'min-replicas-to-write')) as string[];
    if (least === undefined || Number(least) > 0 === (place.kind === 'sentinel')) return undefined;
    return place.kind === 'sentinel' ? splits : stands;
  } catch (error) {
    if (/NOPERM|unknown command/i.test(wordsOf(error))) return undefined;
    throw error;
  }
}

/** Does once what the hub does all the time. @throws what the server refuses */
async function tryOut(redis: RedisClient, settings: RedisSettings): Promise<void> {
  const key = redisKey(settings, 'try', newId('n'));
  await redis.xadd(key, '*', 'try', '1');
  await redis.eval("redis.call('INFO', 'server') return redis.call('DEL', KEYS[1])", 1, key);
  await redis.publish(redisKey(settings, 'try'), '');
}

/** Looks until Redis is there. @throws LianfaError redis_unfit where it is there and can't be used */
export function awaitRedis(settings: RedisSettings, say: (line: string) => void): Promise<void> {
  const where = wordsOfPlace(redisPlace.parse(settings.url));
  return awaitFit({ name: 'Redis', where, unfit: 'redis_unfit' }, () => examined(settings), say);
}
