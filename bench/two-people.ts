/** A broadcast by the acts of people, over HTTP: one writes and submits, two open each channel's text, type the number of accounts and sign. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Hub } from '../core/hub/hub.js';
import type { Audience } from '../core/model/order.js';
import type { Role } from '../core/model/roles.js';
import { addPerson } from '../core/people/add.js';
import type { ReleaseStatus } from '../core/placements/report.js';
import type { ReleaseSaved } from '../server/contract/releases.js';
import type { ReviewBody } from '../server/contract/reviews.js';
import { sessionIn } from '../server/contract/sessions.js';

/** Seconds for a server to answer for the first time. */
const longest = 60;

/** Somebody who has signed in. */
export interface Seat {
  ask<T>(method: string, path: string, json?: object): Promise<T>;
  /** The same where a refusal is an answer too. */
  try(method: string, path: string, json?: object): Promise<{ status: number; body: unknown }>;
  /** Hands in a message of CAP. */
  hand<T>(xml: string): Promise<T>;
  password: string;
}

export interface Written {
  release: string;
  revision: string;
}

export interface Sent extends Written {
  order: string;
  /** When the second signature was given, and when the countdown ends; ms. */
  signedAt: number;
  leavesAt: number;
}

export interface TwoPeople {
  writer: Seat;
  first: Seat;
  second: Seat;
  /** A red warning of this title, or a revision of one that stands already. */
  write(title: string, of?: Written): Promise<Written>;
  /** Submits it; answers the review. */
  submit(written: Written, audience: Audience): Promise<string>;
  /** One signature, with all that it takes. */
  sign(signer: Seat, review: string): Promise<ReviewBody>;
  /** All of it, but for the writing. */
  broadcast(written: Written, audience: Audience): Promise<Sent>;
  status(release: string): Promise<ReleaseStatus>;
}

/** Adds a person with this role, whose password is their name, and signs them in. */
export async function seat(hub: Hub, url: string, name: string, role: Role, unit?: Unit): Promise<Seat> {
  await addPerson(hub, { name, displayName: name, password: name, roles: [role], ...(unit && { unit }) });
  return signIn(url, name);
}

interface Unit {
  organization: string;
  path: string;
}

export async function signIn(url: string, name: string): Promise<Seat> {
  const headers: Record<string, string> = { 'content-type': 'application/json', origin: url };
  headers['cookie'] = await cookieOf(url, name, headers);
  /** A session is gone with the Redis that held it: whoever finds that signs in again. */
  async function send(method: string, path: string, json?: object, again = true): Promise<Response> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      ...(json && { body: JSON.stringify(json) }),
    });
    if (answer.status !== 401 || !again) return answer;
    headers['cookie'] = await cookieOf(url, name, headers);
    return send(method, path, json, false);
  }
  async function read<T>(answer: Response, asked: string): Promise<T> {
    if (!answer.ok) throw new Error(`${asked}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  return {
    password: name,
    ask: async <T>(method: string, path: string, json?: object) =>
      read<T>(await send(method, path, json), `${method} ${path}`),
    async hand<T>(xml: string) {
      const as = { ...headers, 'content-type': 'application/cap+xml' };
      return read<T>(await fetch(`${url}/api/v1/alerts`, { method: 'POST', headers: as, body: xml }), 'POST /alerts');
    },
    async try(method, path, json) {
      const answer = await send(method, path, json);
      return { status: answer.status, body: await answer.json() };
    },
  };
}

async function cookieOf(url: string, name: string, headers: Record<string, string>): Promise<string> {
  const body = JSON.stringify({ name, password: name });
  for (const end = Date.now() + longest * 1_000; ; await pause(200)) {
    const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body }).catch(() => undefined);
    const cookie = answer && sessionIn(answer.headers);
    if (cookie !== undefined) return cookie;
    if (Date.now() > end) throw new Error(`${name} cannot sign in at ${url}: ${answer?.status ?? 'no answer'}`);
  }
}

export async function openTwoPeople(hub: Hub, url: string): Promise<TwoPeople> {
  const [writer, first, second] = [
    await seat(hub, url, 'writer', 'writer'),
    await seat(hub, url, 'signer-1', 'signer'),
    await seat(hub, url, 'signer-2', 'commander'),
  ];

  async function submit({ release, revision }: Written, audience: Audience): Promise<string> {
    const json = { revision, audience, lane: 'emergency', again: true };
    return (await writer.ask<ReviewBody>('POST', `/releases/${release}/submit`, json)).id;
  }

  async function sign(signer: Seat, review: string): Promise<ReviewBody> {
    const { broadcast } = await signer.ask<ReviewBody>('GET', `/reviews/${review}`);
    const channels = broadcast?.channels ?? [];
    for (const { channel } of channels) await signer.ask('POST', `/reviews/${review}/looks`, { channel });
    const total = channels.reduce((sum, { accounts }) => sum + accounts, 0);
    const { password } = signer;
    return signer.ask('POST', `/reviews/${review}/sign`, {
      password,
      counts: { total },
      consents: broadcast?.consents,
    });
  }

  return {
    ...{ writer, first, second, submit, sign },
    async write(title, of) {
      const json = warning(title, of);
      const path = of ? `/releases/${of.release}` : '/releases';
      const { release } = await writer.ask<ReleaseSaved>(of ? 'PUT' : 'POST', path, json);
      return { release: release.id, revision: release.revision.id };
    },
    async broadcast(written, audience) {
      const review = await submit(written, audience);
      await sign(first, review);
      const { order = '' } = await sign(second, review);
      const row = await hub.store.orders.findById(order).lean();
      if (!row?.second || !row.notBefore) throw new Error(`the order ${order} was not signed twice`);
      return { ...written, order, signedAt: row.second.at.getTime(), leavesAt: row.notBefore.getTime() };
    },
    status: (release) => writer.ask('GET', `/releases/${release}/status`),
  };
}

function warning(title: string, of: Written | undefined): object {
  return {
    title,
    source: '省应急指挥中心',
    kind: 'emergency',
    body: { format: 'text', content: `${title}。台风将于今天夜间登陆，请停止户外活动，听从当地安排。` },
    emergency: {
      msgType: of ? 'Update' : 'Alert',
      level: 'red',
      event: '台风',
      areas: [{ name: '示例省', code: '350000' }],
      onset: new Date().toISOString(),
      expires: new Date(Date.now() + 12 * 3_600_000).toISOString(),
      instruction: '停止户外活动。',
      ...(of && { references: [{ release: of.release }] }),
    },
    ...(of && { revision: of.revision }),
  };
}
