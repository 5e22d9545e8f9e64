/**
 * Whether the MongoDB that was named can carry the hub, looked at once, at the start: what would lose an acknowledged word in
 * an election, or has no transactions, is refused with one sentence and what to do. One that is away is waited for.
 */
import mongoose from 'mongoose';
import type { Said } from '../../../channels/channel.js';
import { awaitFit, isOlder, unfitError, type Found, type Unfit } from '../../fitness.js';
import { decided, decidedTogether, watch } from './decided.js';

const { MongoClient } = mongoose.mongo;
type Client = InstanceType<typeof MongoClient>;
type Options = Client['options'];

/** The first version that divides a collection by a hash and an id together (shards.ts). */
const oldest = [4, 4] as const;
/** ms for one look at a member that says nothing. */
const lookFor = 3_000;

const codes = { unauthorized: 13, authenticationFailed: 18, illegalOperation: 20, noMajorityReads: 148 };

const unreadable: Unfit = {
  reason: { zh: '地址无法识别。', en: 'its address cannot be read.' },
  next: {
    zh: '请写成 mongodb://用户:密码@主机,主机,主机/库名?replicaSet=名字；密码中的特殊字符用百分号编码（@ 写作 %40）。',
    en: 'Write mongodb://USER:PASSWORD@HOST,HOST,HOST/DATABASE?replicaSet=NAME, special characters of the password percent-encoded (@ is %40).',
  },
};
const standalone: Unfit = {
  reason: {
    zh: '这是单机 MongoDB，不支持事务。',
    en: 'this is a server by itself (standalone), which has no transactions.',
  },
  next: {
    zh: '请把它设为副本集（一个成员也可以：--replSet，再执行 rs.initiate()）。',
    en: 'Make it a replica set (of one, if need be): --replSet, then rs.initiate().',
  },
};
const uninitiated: Unfit = {
  reason: { zh: '副本集还没有初始化。', en: 'its replica set was never initiated.' },
  next: { zh: '请在其中一个成员上执行 rs.initiate()。', en: 'Run rs.initiate() on one of its members.' },
};
const wrongPassword: Unfit = {
  reason: {
    zh: '用户名或密码不对（AuthenticationFailed）。',
    en: 'its user or password is wrong (AuthenticationFailed).',
  },
  next: {
    zh: '请核对 MONGODB_URI 中的用户和密码（特殊字符用百分号编码），以及用户所在的库（authSource=admin）。',
    en: 'Compare user and password in MONGODB_URI (special characters percent-encoded), and the database in which the user is kept (authSource=admin).',
  },
};
const noPassword: Unfit = {
  reason: { zh: '需要用户名和密码。', en: 'it asks for a user and a password.' },
  next: {
    zh: '请在 MONGODB_URI 中写成 mongodb://用户:密码@主机…，并写明 authSource。',
    en: 'Write mongodb://USER:PASSWORD@HOST… in MONGODB_URI, with authSource.',
  },
};
const mayTooLittle: Unfit = {
  reason: { zh: '该用户的权限不够。', en: 'its user may not do what is needed.' },
  next: {
    zh: '请给该用户这个库的 readWrite 角色。',
    en: 'Give it the role readWrite on this database.',
  },
};
const distrusted: Unfit = {
  reason: { zh: '对方的 TLS 证书无法信任。', en: 'its TLS certificate cannot be trusted.' },
  next: {
    zh: '自建机构签发的证书，请在 MONGODB_URI 中写明 tlsCAFile=该机构证书的文件；证书须写有所填的主机名。',
    en: 'Where your own authority has signed it, name the file of that in MONGODB_URI (tlsCAFile=…); the certificate must hold the host as you name it.',
  },
};
const noMajority: Unfit = {
  reason: {
    zh: '成员关闭了多数读（enableMajorityReadConcern: false）。',
    en: 'its members do not read what most have (enableMajorityReadConcern: false).',
  },
  next: {
    zh: '请去掉这项设置后重启各成员；不要用仲裁节点代替数据成员。',
    en: 'Take that setting out and restart the members; have members with data, not arbiters.',
  },
};

/** What an address may not say, and what would come of it. */
const weakening: { option: string; said: (options: Options) => boolean; loses: Said }[] = [
  {
    option: 'w',
    said: ({ writeConcern }) => writeConcern?.w !== undefined && writeConcern.w !== 'majority',
    loses: { zh: '换主时会丢失已确认的写入', en: 'an election could take back what was acknowledged' },
  },
  {
    option: 'journal',
    said: ({ writeConcern }) => writeConcern?.journal === false,
    loses: { zh: '断电会丢失已确认的写入', en: 'a loss of power could take back what was acknowledged' },
  },
  {
    option: 'readPreference',
    said: ({ readPreference }) => readPreference?.mode !== undefined && readPreference.mode !== 'primary',
    loses: { zh: '会读到过时的内容', en: 'what is read would be behind' },
  },
  {
    option: 'readConcernLevel',
    said: ({ readConcern }) => ['local', 'available'].includes(String(readConcern?.level)),
    loses: { zh: '会读到换主后作废的内容', en: 'what is read could be taken back by an election' },
  },
  {
    option: 'retryWrites',
    said: ({ retryWrites }) => retryWrites === false,
    loses: { zh: '每次换主都会有写入失败', en: 'every election would fail some writes' },
  },
  {
    option: 'retryReads',
    said: ({ retryReads }) => retryReads === false,
    loses: { zh: '每次换主都会有读取失败', en: 'every election would fail some reads' },
  },
  {
    option: 'directConnection',
    said: ({ directConnection }) => directConnection,
    loses: { zh: '换主之后找不到新的主节点', en: 'a new primary would never be found' },
  },
  {
    option: 'tlsAllowInvalidCertificates, tlsAllowInvalidHostnames, tlsInsecure',
    said: ({ rejectUnauthorized, checkServerIdentity }) =>
      rejectUnauthorized === false || checkServerIdentity !== undefined,
    loses: { zh: '对方是谁就无法核对', en: 'nobody would know who answers' },
  },
];

function weakens({ option, loses }: (typeof weakening)[number]): Unfit {
  return {
    reason: { zh: `MONGODB_URI 中写了 ${option}，${loses.zh}。`, en: `MONGODB_URI sets ${option}, and ${loses.en}.` },
    next: { zh: '请去掉它；该有的设置由程序给出。', en: 'Take it out; the hub sets what is right.' },
  };
}

function tooOld(version: string): Unfit {
  return {
    reason: { zh: `版本太旧（${version}）。`, en: `its version is too old (${version}).` },
    next: { zh: '请升级到 MongoDB 4.4 或更高版本。', en: 'Take MongoDB 4.4 or newer.' },
  };
}

function otherSet(found: string): Unfit {
  return {
    reason: { zh: `副本集的名字不对，它叫 ${found}。`, en: `its replica set has another name: ${found}.` },
    next: { zh: `请在 MONGODB_URI 中写 replicaSet=${found}。`, en: `Write replicaSet=${found} in MONGODB_URI.` },
  };
}

/** The address without user, password and options: nothing else of it is ever shown. */
export function wordsOfMongo(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/)(?:.*@)?([^/?@]*).*$/s, '$1$2');
}

/** One look at it. */
async function examined(uri: string, ms: number): Promise<Found> {
  const options = optionsOf(uri);
  if (!options) return { is: 'unfit', ...unreadable };
  const weak = weakening.find(({ said }) => said(options));
  if (weak) return { is: 'unfit', ...weakens(weak) };
  const client = new MongoClient(uri, { ...decided, ...watch, serverSelectionTimeoutMS: ms });
  try {
    await client.connect();
    const unfit = await flawOf(client);
    return unfit ? { is: 'unfit', ...unfit } : { is: 'fit' };
  } catch (error) {
    const unfit = meaning(error) ?? (await flawOfMembers(uri, options, ms));
    return unfit ? { is: 'unfit', ...unfit } : { is: 'away', words: awayWords(error) };
  } finally {
    await client.close();
  }
}

/** Undefined where the driver cannot read the address. What it says of that may hold a part of the password. */
function optionsOf(uri: string): Options | undefined {
  try {
    return new MongoClient(uri).options;
  } catch {
    return undefined;
  }
}

async function flawOf(client: Client): Promise<Unfit | undefined> {
  const { setName, msg } = await client.db('admin').command({ hello: 1 });
  if (setName === undefined && msg !== 'isdbgrid') return standalone;
  const { version } = (await client.db('admin').command({ buildInfo: 1 })) as { version?: unknown };
  if (isOlder(String(version), oldest)) return tooOld(String(version));
  await tryOut(client);
  return undefined;
}

/** Does once what the hub does all the time, to a row that nobody has. @throws what the server refuses */
async function tryOut(client: Client): Promise<void> {
  const rows = client.db().collection<{ _id: string }>('records');
  await rows.findOne({ _id: '-' });
  await client.withSession((session) =>
    session.withTransaction(() => rows.deleteOne({ _id: '-' }, { session }), decidedTogether),
  );
}

/** What a server's own words mean; undefined where they only say that nobody is there. */
function meaning(error: unknown): Unfit | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, reason } = error as Error & { code?: unknown; reason?: unknown };
  const { message } = error;
  if (code === codes.authenticationFailed || /Authentication failed/i.test(message)) return wrongPassword;
  if (code === codes.unauthorized) return /requires authentication/i.test(message) ? noPassword : mayTooLittle;
  if (code === codes.illegalOperation && /transaction numbers/i.test(message)) return standalone;
  if (code === codes.noMajorityReads) return noMajority;
  if (/certificate|self[- ]signed|altnames/i.test(message)) return distrusted;
  const old = /maximum wire version \d+, but this version of .* requires at least \d+/.exec(message);
  if (old) return tooOld('< 4.2');
  const inner = [error.cause, ...membersOf(reason).map((member) => member.error)];
  return inner.map(meaning).find((one) => one !== undefined);
}

interface Member {
  type: string;
  error: unknown;
}

/** What the driver knows of each member when it gives up. */
function membersOf(reason: unknown): Member[] {
  const servers = typeof reason === 'object' && reason !== null && 'servers' in reason ? reason.servers : undefined;
  return servers instanceof Map ? (Array.from(servers.values()) as Member[]) : [];
}

function awayWords(error: unknown): string {
  const members = membersOf((error as { reason?: unknown }).reason);
  if (members.some(({ type }) => type === 'RSSecondary' || type === 'RSArbiter'))
    return '没有主节点（正在选举，或多数成员不在） no primary: an election is under way, or most members are away';
  return error instanceof Error ? error.message : String(error);
}

/** The driver drops a member that is not of the set that was named, and says no more of it: each is asked by itself. */
async function flawOfMembers(uri: string, options: Options, ms: number): Promise<Unfit | undefined> {
  if (options.srvHost !== undefined) return undefined;
  const asked = await Promise.all(
    options.hosts.map((host) => flawOfMember(alone(uri, host.toString()), options.replicaSet, ms)),
  );
  return asked.find((one) => one !== undefined);
}

async function flawOfMember(uri: string, set: string | null | undefined, ms: number): Promise<Unfit | undefined> {
  const client = new MongoClient(uri, { ...watch, serverSelectionTimeoutMS: ms });
  try {
    await client.connect();
    const { setName, msg, isreplicaset } = await client.db('admin').command({ hello: 1 });
    if (isreplicaset === true) return uninitiated;
    if (msg === 'isdbgrid') return undefined;
    if (typeof setName !== 'string') return standalone;
    return set && setName !== set ? otherSet(setName) : undefined;
  } catch (error) {
    return meaning(error);
  } finally {
    await client.close();
  }
}

/** The same address with this member alone, of whatever set. */
function alone(uri: string, host: string): string {
  const {
    before = '',
    path = '',
    query = '',
  } = /^(?<before>mongodb:\/\/(?:.*@)?)[^/?@]*(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/s.exec(uri)?.groups ?? {};
  const others = query.split('&').filter((one) => one !== '' && !/^replicaSet=/i.test(one));
  return `${before}${host}${path || '/'}?${[...others, 'directConnection=true'].join('&')}`;
}

/** @throws LianfaError store_unfit where it is there and can't be used. One that is away throws nothing: opening it will. */
export async function requireFit(uri: string): Promise<void> {
  const found = await examined(uri, lookFor);
  if (found.is === 'unfit') throw unfitError('store_unfit', wordsOfMongo(uri), found);
}

/** Looks until MongoDB is there. @throws LianfaError store_unfit where it is there and can't be used */
export function awaitMongo(uri: string, say: (line: string) => void, ms = lookFor): Promise<void> {
  const what = { name: 'MongoDB', where: wordsOfMongo(uri), unfit: 'store_unfit' } as const;
  return awaitFit(what, () => examined(uri, ms), say);
}
