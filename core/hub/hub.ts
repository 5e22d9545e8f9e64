/** What every process of a hub shares, opened from the settings. Each process closes what it opened. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import type { Call, Channel } from '../../channels/channel.js';
import { createOutbound } from '../../channels/outbound.js';
import { loadChannels } from '../../channels/registry.js';
import type { Files } from '../../channels/files.js';
import type { Outbound } from '../../channels/outbound.js';
import { loadSmsAdapters } from '../../sms/registry.js';
import type { SmsAdapter } from '../../sms/sms.js';
import { anchorFolder, keepAnchors, type AnchorPlace } from '../audit/anchors.js';
import { createVault, readSecret, sessionSecret, type Vault } from '../accounts/vault.js';
import { redisOf, type Config } from './config.js';
import { openFreezeWatch, type FreezeWatch } from '../freezes/watch.js';
import { openFaultLog, type Report } from './fault-log.js';
import { closeThreads } from '../threads/pool.js';
import { mediaReader } from '../media/reader.js';
import { openClaims, type ClaimBook } from '../queue/claims.js';
import { connectRedis, type RedisClient, type RedisSettings } from '../queue/connection.js';
import { openMemory } from '../queue/memory.js';
import { openQueues, type Queues } from '../queue/queues.js';
import { openSeals, type Seals } from '../signatures/seals.js';
import { filesOfChannel, libraryIn, openStorage } from '../storage/storage.js';
import { openRecords } from '../store/records.js';
import { openStore, type Store } from '../store/store.js';

export interface Hub {
  config: Config;
  log: Logger;
  /** Says what failed, once where it goes on. */
  report: Report;
  settings: RedisSettings;
  /** Waits for ever for Redis to come back: for workers. */
  redis: RedisClient;
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  smsAdapters: ReadonlyMap<string, SmsAdapter>;
  /** The one door out. */
  http: Outbound;
  vault: Vault;
  /** The bytes of the media library. */
  library: Files;
  /** Of the orders that this process meets. */
  seals: Seals;
  /** Signs session cookies. */
  sessionSecret: string;
  /** Where heads of the audit's line are kept outside of the database. */
  anchors: AnchorPlace;
  queues: Queues;
  claims: ClaimBook;
  freezes: FreezeWatch;
  callFor(channel: Channel, signal: AbortSignal): Call;
  /** A further connection, for what blocks. Closed with the hub. */
  connect(kind: 'worker' | 'producer', pipelined?: boolean): RedisClient;
  close(): Promise<void>;
}

/** Throws where the settings, the store or the channels cannot be read. Redis may still be away. */
export async function openHub(config: Config, role: string): Promise<Hub> {
  const settings = redisOf(config);
  const log = pino({ level: config.log, base: { role } });
  const report = openFaultLog(log);
  const secret = await readSecret({ secret: config.secret, dataFolder: config.dataFolder });
  const [store, channels, smsAdapters] = await Promise.all([
    openStore({ uri: config.mongoUri, dataFolder: config.dataFolder }),
    loadChannels([join(import.meta.dirname, '..', '..', 'channels'), ...config.channelFolders]),
    loadSmsAdapters(join(import.meta.dirname, '..', '..', 'sms')),
  ]);
  const connections: RedisClient[] = [];
  const connect = (kind: 'worker' | 'producer', pipelined = false): RedisClient => {
    const redis = connectRedis(settings, kind, {
      pipelined,
      report: (error) => {
        report(error, 'Redis');
      },
    });
    connections.push(redis);
    return redis;
  };
  const redis = connect('worker');
  // What the public sees of our own faces is read back through our own address.
  const http = createOutbound([...config.allowInner, config.url]);
  const queues = openQueues(settings, [...channels.keys()]);
  const memoryConnection = connect('worker', true);
  const vault = createVault(secret);
  const memories = new Map(
    [...channels.keys()].map((name) => [name, openMemory(memoryConnection, settings, name, vault)]),
  );
  const recordsOf = openRecords(store);
  const records = new Map([...channels.keys()].map((name) => [name, recordsOf(name)]));
  const storage = openStorage(config, (error) => {
    report(error, 'the file storage');
  });
  const library = libraryIn(storage.files);
  const readers = new Map([...channels.keys()].map((name) => [name, mediaReader(library, name)]));
  const files = new Map([...channels.keys()].map((name) => [name, filesOfChannel(storage.files, name)]));
  const of = <T>(map: ReadonlyMap<string, T>, name: string): T => {
    const found = map.get(name);
    if (!found) throw new Error(`no channel "${name}"`);
    return found;
  };
  const folders = new Map(
    [...channels.keys()].map((name) => {
      const folder = join(config.dataFolder, 'channels', name);
      mkdirSync(folder, { recursive: true });
      return [name, folder];
    }),
  );
  const anchors: AnchorPlace = { folder: anchorFolder(config.dataFolder), vault };
  const anchoring = keepAnchors(store, anchors, (error) => {
    report(error, 'keeping the head of the audit');
  });

  return {
    config,
    log,
    report,
    anchors,
    settings,
    redis,
    store,
    channels,
    smsAdapters,
    http,
    queues,
    connect,
    vault,
    library,
    seals: openSeals({ store, vault }),
    sessionSecret: sessionSecret(secret),
    claims: openClaims(redis, settings),
    freezes: openFreezeWatch({ store, vault }, redis, settings),
    callFor: (channel, signal) => ({
      signal,
      http,
      memory: of(memories, channel.name),
      records: of(records, channel.name),
      media: of(readers, channel.name),
      files: of(files, channel.name),
      folder: of(folders, channel.name),
      hubUrl: config.url,
      now: () => new Date(),
    }),
    async close() {
      await closeThreads();
      await queues.close();
      for (const connection of connections) connection.disconnect();
      await http.close();
      await storage.close();
      await anchoring.close();
      await store.close();
    },
  };
}
