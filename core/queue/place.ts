/** Where Redis is: what `REDIS_URL` may say, read once at the border. */
import { z } from 'zod';

interface RedisNode {
  host: string;
  port: number;
}

interface Access {
  username?: string;
  password?: string;
  tls: boolean;
}

/** One server; several Sentinels that know the master under a name; or nodes of a cluster, from which the others are found. */
export type RedisPlace = Access &
  (
    | { kind: 'one'; node: RedisNode; db: number }
    | { kind: 'sentinel'; sentinels: RedisNode[]; name: string }
    | { kind: 'cluster'; nodes: RedisNode[] }
  );

/** Whether an address names nodes of a cluster. */
export function isClusterUrl(url: string): boolean {
  return /^rediss?\+cluster:/.test(url);
}

const shape = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@]*)@)?([^/?#@]+)(?:\/([^?#]*))?$/;
const node = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;

const shapes =
  '写法：redis://主机:端口、redis+sentinel://主机:端口,主机:端口/主节点名、redis+cluster://主机:端口,主机:端口；加密用 rediss。 Say redis://HOST:PORT, redis+sentinel://HOST:PORT,HOST:PORT/NAME or redis+cluster://HOST:PORT,HOST:PORT; rediss for TLS.';
const oneNode =
  '写了几个节点，请写明是哪一种：redis+sentinel:// 或 redis+cluster://。 Several nodes: say of which kind they are, redis+sentinel:// or redis+cluster://.';
const unnamed =
  'Sentinel 要写明主节点名：redis+sentinel://…/mymaster。 Sentinels need the name of the master: redis+sentinel://…/mymaster.';
const numbered =
  '库号只有单个 Redis 才有；集群没有库号。 Only a single Redis has numbered databases; here is nothing to name.';
const coded =
  '用户名和密码中的特殊字符请用百分号编码（@ 写成 %40）。 Percent-encode special characters of user and password (@ is %40).';

/** Reads an address, and says in one sentence what is wrong with it. The password never stands in that. */
export const redisPlace = z.string().transform((text, context): RedisPlace => {
  const wrong = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const [, scheme, kind = 'one', given, list = '', path = ''] = shape.exec(text) ?? [];
  if (scheme === undefined) return wrong(shapes);
  const nodes = list.split(',').map((entry) => nodeOf(entry, kind === 'sentinel' ? 26_379 : 6_379));
  if (!nodes.every((one) => one !== undefined)) return wrong(shapes);
  const user = given === undefined ? {} : userOf(given);
  if (!user) return wrong(coded);
  const access: Access = { ...user, tls: scheme === 'rediss' };
  switch (kind) {
    case 'sentinel':
      return path === '' ? wrong(unnamed) : { kind, sentinels: nodes, name: decodeURIComponent(path), ...access };
    case 'cluster':
      return path === '' ? { kind, nodes, ...access } : wrong(numbered);
    default: {
      const [only, ...others] = nodes;
      if (!only || others.length > 0) return wrong(oneNode);
      return /^\d{0,4}$/.test(path) ? { kind: 'one', node: only, db: Number(path), ...access } : wrong(shapes);
    }
  }
});

function nodeOf(text: string, usual: number): RedisNode | undefined {
  const [, host, port] = node.exec(text.trim()) ?? [];
  const number = port === undefined ? usual : Number(port);
  return host === undefined || number < 1 || number > 65_535
    ? undefined
    : { host: host.replace(/^\[|\]$/g, ''), port: number };
}

function userOf(text: string): Pick<Access, 'username' | 'password'> | undefined {
  const at = text.indexOf(':');
  try {
    const username = decodeURIComponent(at < 0 ? text : text.slice(0, at));
    const password = at < 0 ? '' : decodeURIComponent(text.slice(at + 1));
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
  } catch {
    return undefined;
  }
}

/** For people: where it is, without anything secret. */
export function wordsOfPlace(place: RedisPlace): string {
  const list = (nodes: readonly RedisNode[]): string => nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  switch (place.kind) {
    case 'one':
      return list([place.node]);
    case 'sentinel':
      return `${place.name} @ ${list(place.sentinels)}`;
    case 'cluster':
      return list(place.nodes);
  }
}
