/** Every connection to Redis in the project is made here, whatever kind of Redis it is. */
import { readFileSync } from 'node:fs';
import { Cluster, Redis, SentinelConnector, type SentinelConnectionOptions } from 'ioredis';
import { redisPlace, type RedisPlace } from './place.js';

/** Where Redis is, and the prefix that keeps two hubs (or two tests) on one Redis apart. */
export interface RedisSettings {
  /** As `REDIS_URL` has it: see place.ts. */
  url: string;
  prefix: string;
  /** A file with the authority that has signed the servers' certificates, where no public one has. */
  caFile?: string | undefined;
  /** For the Sentinels themselves, where they ask for it. */
  sentinel?: { username?: string | undefined; password?: string | undefined } | undefined;
}

/** One server, found through Sentinels or not; or a cluster. */
export type RedisClient = Redis | Cluster;

/**
 * `worker` waits for ever for Redis to come back; `producer` fails a command within about 3 s, so that a person gets an
 * answer; `once` tries one time, for whoever looks whether there is one.
 */
type RedisUse = 'worker' | 'producer' | 'once';

interface ConnectOptions {
  /** Sends what is asked within one tick together. */
  pipelined?: boolean;
  /** Hears of every fault of the connection; it is mended by itself all the same. */
  report?: (error: unknown) => void;
}

/** Milliseconds until the next try. */
const again = (times: number): number => Math.min(100 * times, 1_000);

/** Milliseconds without a byte after which a connection with something to answer is dead. Nothing that blocks waits for as long. */
const silent = 20_000;

/**
 * What a server says that is no master any more, has lost its replicas, or cannot say yet: the command is sent again, to
 * whoever is master then. A command that was refused so has not been done.
 */
const elsewhere = /^(?:READONLY|NOREPLICAS|MASTERDOWN|LOADING|UNBLOCKED)/;

/** Throws a ZodError where the address says nothing. Redis may be away. */
export function connectRedis(settings: RedisSettings, use: RedisUse, options: ConnectOptions = {}): RedisClient {
  const place = redisPlace.parse(settings.url);
  const client =
    place.kind === 'cluster' ? clusterAt(place, settings, use, options) : serverAt(place, settings, use, options);
  // A connection lost is normal life; without a listener it would end the process.
  client.on('error', (error: unknown) => options.report?.(error));
  return client;
}

function serverAt(
  place: Exclude<RedisPlace, { kind: 'cluster' }>,
  settings: RedisSettings,
  use: RedisUse,
  options: ConnectOptions,
): Redis {
  const common = {
    ...commonOf(place, settings, use, options),
    retryStrategy: use === 'once' ? () => null : again,
    reconnectOnError: (error: Error) => {
      if (use === 'once' || !elsewhere.test(error.message)) return false;
      options.report?.(error);
      return 2 as const;
    },
  };
  if (place.kind === 'one') return new Redis({ ...common, ...place.node, db: place.db });
  const { username, password } = settings.sentinel ?? {};
  return new Redis({
    ...common,
    Connector: BySentinels,
    sentinels: place.sentinels,
    name: place.name,
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(place.tls && { enableTLSForSentinelMode: true, sentinelTLS: tlsOf(settings) }),
    sentinelRetryStrategy: use === 'once' ? () => null : again,
    // A master that stands still keeps its connections: the Sentinels' word ends them.
    failoverDetector: use !== 'once',
    sentinelCommandTimeout: 2_000,
  });
}

/**
 * Listens to no Sentinel while it asks for the master anew. ioredis goes on listening for the connection that it has lost, and
 * takes a switch that is announced just then for a word of ours to close: that client never comes back.
 */
class BySentinels extends SentinelConnector {
  /** ioredis hands over the options that it was made with. */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override connect(...given: Parameters<SentinelConnector['connect']>): ReturnType<SentinelConnector['connect']> {
    this.disconnect();
    return super.connect(...given);
  }
}

/** Of each cluster that is waited for: settled when it works, or has ended. */
const waits = new WeakMap<Cluster, Promise<void>>();

function untilItWorks(cluster: Cluster): Promise<void> {
  const known = waits.get(cluster);
  if (known) return known;
  const wait = new Promise<void>((resolve, reject) => {
    const works = (): void => {
      cluster.off('end', over);
      resolve();
    };
    const over = (): void => {
      cluster.off('ready', works);
      reject(new Error('Connection is closed.'));
    };
    cluster.once('ready', works).once('end', over);
  }).finally(() => waits.delete(cluster));
  // Whoever has asked may have heard of it otherwise.
  wait.catch(() => undefined);
  waits.set(cluster, wait);
  return wait;
}

/**
 * Comes to whoever waits for it, however unfit the cluster is at first. Where ioredis finds that the cluster cannot work
 * yet, it begins anew and forgets who has waited: a worker whose connection was renewed in a failover waited for ever.
 */
class PatientCluster extends Cluster {
  /** Resolves when it works. @throws where it has ended, or no node answers */
  override connect(): Promise<void> {
    return Promise.race([super.connect(), untilItWorks(this)]);
  }

  /** BullMQ makes the connections on which it waits by this. */
  override duplicate(...given: Parameters<Cluster['duplicate']>): Cluster {
    const other = super.duplicate(...given);
    Object.setPrototypeOf(other, PatientCluster.prototype);
    return other;
  }
}

function clusterAt(
  place: Extract<RedisPlace, { kind: 'cluster' }>,
  settings: RedisSettings,
  use: RedisUse,
  options: ConnectOptions,
): Cluster {
  const { enableAutoPipelining, lazyConnect, ...redisOptions } = commonOf(place, settings, use, options);
  return new PatientCluster(place.nodes, {
    redisOptions,
    enableAutoPipelining,
    // Of any number of keys, that number first: ioredis would take it for a key and choose the master by it.
    autoPipeliningIgnoredCommands: ['lianfaSpend', 'lianfaConfirm'],
    lazyConnect,
    clusterRetryStrategy: use === 'once' ? () => null : again,
    // Until a replica has taken over; a person is answered before.
    maxRedirections: use === 'worker' ? Number.POSITIVE_INFINITY : 16,
    retryDelayOnFailover: 200,
    retryDelayOnClusterDown: 200,
    retryDelayOnMoved: 50,
    slotsRefreshTimeout: 2_000,
    // A master that stands still answers nobody, and that it was replaced is learned by asking.
    slotsRefreshInterval: 2_000,
    // A certificate names hosts, not addresses.
    ...(place.tls && {
      dnsLookup: (address: string, done: (error: NodeJS.ErrnoException | null, address: string) => void) =>
        done(null, address),
    }),
  });
}

function commonOf(
  { username, password, tls }: RedisPlace,
  settings: RedisSettings,
  use: RedisUse,
  { pipelined = false }: ConnectOptions,
) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tlsOf(settings) }),
    maxRetriesPerRequest: { worker: null, producer: 3, once: 0 }[use],
    ...(use !== 'worker' && { commandTimeout: 3_000 }),
    connectTimeout: 5_000,
    socketTimeout: silent,
    enableAutoPipelining: pipelined,
    lazyConnect: use === 'once',
  };
}

function tlsOf({ caFile }: RedisSettings): { ca?: string } {
  return caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
}
