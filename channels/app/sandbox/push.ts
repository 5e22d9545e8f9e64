/** JPush's push, validate, cid, recall, schedules and reports. Schedules are checked and kept, and never run. */
import { randomUUID } from 'node:crypto';
import type { SandboxAnswer, SandboxKit, SandboxRequest } from '../../sandbox.js';
import { countCall, type App, type Apps } from './apps.js';
import { ok, Refusal } from './codes.js';
import { checkPush, isObject, targets, type Json } from './rules.js';

/** What a phone shows. */
export interface Shown {
  at: string;
  app: string;
  title: string;
  text: string;
  url: string;
  phones: number;
  recalled: boolean;
  via: 'JPush' | 'Web Push';
}

interface Message {
  app: string;
  reached: Record<'android' | 'ios' | 'hmos', number>;
  ids: Set<string>;
  shown: Shown;
}

interface Schedule {
  schedule_id: string;
  name: string;
  enabled: boolean;
  trigger: Json;
  push: Json;
}

const dayMs = 24 * 3600 * 1000;

/** The newest are enough to look at. */
export function show(shown: Shown[], one: Shown): void {
  shown.push(one);
  if (shown.length > 200) shown.shift();
}

export interface PushDesk {
  /** Cids that were given out hold no more. */
  forgetCids(): void;
  handle(request: SandboxRequest): SandboxAnswer;
  /** One push as `POST /v3/push` takes it. @throws Refusal */
  push(app: App, body: unknown): Json;
  nextId(): string;
  /** Of the messages that a report asks for, those of this app. @throws Refusal */
  reports(app: App, query: URLSearchParams): { msg_id: string; reached: Message['reached'] }[];
  shown: Shown[];
}

export function createPushDesk(apps: Apps, kit: () => SandboxKit): PushDesk {
  const messages = new Map<string, Message>();
  /** Issued cids; with the first result once it is used. */
  const cids = new Map<string, { issuedAt: number; type: string; result?: Json }>();
  const schedules = new Map<string, Map<string, Schedule>>();
  const shown: Shown[] = [];
  let serial = 0;

  /** Beyond 2^53 on purpose, so that nobody reads it as a number and lives. */
  function nextId(): string {
    serial += 1;
    return String(18_014_398_509_481_984n + BigInt(serial) * 1009n);
  }

  /**
   * A cid must come from the pool (the documentation demands it, without saying what happens otherwise); we answer 1003
   * to one that was made up or is more than a day old, so that a client which relies on it is found out.
   */
  function poolEntry(app: App, cid: unknown, type: string) {
    const entry = typeof cid === 'string' && cid.startsWith(`${app.key}-`) ? cids.get(cid) : undefined;
    if (entry?.type !== type || kit().now().getTime() - entry.issuedAt > dayMs)
      throw new Refusal('1003', 'Invalid parameter: cid.');
    return entry;
  }

  function push(app: App, body: unknown): Json {
    checkPush(body);
    const entry = body['cid'] === undefined ? undefined : poolEntry(app, body['cid'], 'push');
    if (entry?.result) return entry.result;
    const result = deliver(app, body);
    if (entry) entry.result = result;
    return result;
  }

  function deliver(app: App, body: Json): Json {
    const phones = targets(app, body);
    if (!phones.length) throw new Refusal('1011');
    const options = isObject(body['options']) ? body['options'] : {};
    const id = nextId();
    const reached = { android: 0, ios: 0, hmos: 0 };
    for (const phone of phones) reached[phone.platform] += 1;
    const view = {
      ...viewOf(body),
      at: kit().now().toISOString(),
      app: app.key,
      phones: phones.length,
      recalled: false,
      via: 'JPush' as const,
    };
    show(shown, view);
    messages.set(id, { app: app.key, reached, ids: new Set(phones.map((phone) => phone.id)), shown: view });
    const cid = typeof body['cid'] === 'string' ? body['cid'] : '';
    kit().accepted({ account: app.key, call: 'push', id, subject: `${view.title} ${cid}`.trim() });
    return { sendno: String(options['sendno'] ?? '0'), msg_id: id };
  }

  function issueCids(app: App, query: URLSearchParams): Json {
    const type = query.get('type') ?? 'push';
    const count = Number(query.get('count') ?? 1);
    if (!Number.isInteger(count) || count < 1 || (type !== 'push' && type !== 'schedule')) throw new Refusal('1003');
    forgetOldCids();
    const cidlist = Array.from({ length: Math.min(10, count) }, () => `${app.key}-${randomUUID()}`);
    for (const cid of cidlist) cids.set(cid, { issuedAt: kit().now().getTime(), type });
    return { cidlist };
  }

  /** Insertion order is order of age, so only the old ones are looked at. */
  function forgetOldCids(): void {
    const now = kit().now().getTime();
    for (const [cid, { issuedAt }] of cids) {
      if (now - issuedAt <= dayMs) return;
      cids.delete(cid);
    }
  }

  function recall(app: App, id: string): SandboxAnswer {
    const message = messages.get(id);
    if (message?.app !== app.key) throw new Refusal('1003', 'Invalid parameter: msg_id.');
    message.shown.recalled = true;
    return ok(undefined);
  }

  function idsOf(query: URLSearchParams): string[] {
    const ids = (query.get('msg_ids') ?? '').split(',').filter(Boolean);
    if (!ids.length || ids.length > 100 || ids.some((id) => !/^\d+$/.test(id)))
      throw new Refusal('1003', 'Invalid parameter: msg_ids.');
    return ids;
  }

  function received(app: App, query: URLSearchParams): Json[] {
    return idsOf(query).map((id) => {
      const message = messages.get(id);
      if (message?.app !== app.key)
        return {
          msg_id: id,
          jpush_received: null,
          android_pns_sent: null,
          ios_apns_sent: null,
          ios_apns_received: null,
          ios_msg_received: null,
          hmos_hmpns_sent: null,
        };
      const { android, ios, hmos } = message.reached;
      return {
        msg_id: id,
        jpush_received: android || null,
        android_pns_sent: null,
        ios_apns_sent: ios || null,
        ios_apns_received: ios || null,
        ios_msg_received: null,
        hmos_hmpns_sent: hmos || null,
      };
    });
  }

  function statusOf(app: App, body: unknown): Json {
    const ids = isObject(body) && Array.isArray(body['registration_ids']) ? body['registration_ids'].map(String) : [];
    if (!isObject(body) || body['msg_id'] === undefined || !ids.length || ids.length > 1_000) throw new Refusal('1003');
    const message = messages.get(String(body['msg_id']));
    return Object.fromEntries(
      ids.map((id) => [id, { status: !app.devices.has(id) ? 2 : message?.ids.has(id) ? 0 : 3 }]),
    );
  }

  function schedule(app: App, request: SandboxRequest): SandboxAnswer {
    const own = schedules.get(app.key) ?? new Map<string, Schedule>();
    schedules.set(app.key, own);
    const [, , , id, part] = request.path.split('/');
    if (id === undefined) {
      if (request.method === 'POST') {
        const made = checkSchedule(parseBody(request, '8100'));
        if (own.size >= 100) throw new Refusal('8100', 'The number of schedule-tasks reaches the limit.');
        own.set(made.schedule_id, made);
        return ok({ schedule_id: made.schedule_id, name: made.name });
      }
      const page = Number(request.query.get('page') ?? 1);
      const all = [...own.values()];
      return ok({
        total_count: all.length,
        total_pages: Math.ceil(all.length / 50),
        page,
        schedules: all.slice((page - 1) * 50, page * 50),
      });
    }
    const found = own.get(id);
    if (!found) throw new Refusal('8104');
    if (part === 'msg_ids') return ok({ count: 0, msgids: [] });
    switch (request.method) {
      case 'GET':
        return ok(found);
      case 'DELETE':
        own.delete(id);
        return ok(undefined);
      case 'PUT': {
        const change = parseBody(request, '8100');
        if (!isObject(change)) throw new Refusal('8100');
        const next = checkSchedule({ ...found, ...change, schedule_id: undefined });
        own.set(id, { ...next, schedule_id: id });
        return ok({ name: next.name, enabled: next.enabled, trigger: next.trigger, push: next.push });
      }
      default:
        throw new Refusal('8104');
    }
  }

  function checkSchedule(body: unknown): Schedule {
    if (!isObject(body)) throw new Refusal('8100', 'request data is not json');
    const { name, enabled, trigger, push: order } = body;
    if (typeof name !== 'string' || !name || Buffer.byteLength(name) > 255)
      throw new Refusal('8100', 'The schedule-task is invalid: name is invalid.');
    if (typeof enabled !== 'boolean') throw new Refusal('8100', 'The schedule-task is invalid: enabled is invalid.');
    checkTrigger(trigger, kit().now());
    try {
      checkPush(order);
    } catch (error) {
      if (error instanceof Refusal)
        throw new Refusal('8100', `The schedule-task is invalid: push is invalid (${error.code}).`);
      throw error;
    }
    return { schedule_id: randomUUID(), name, enabled, trigger, push: order };
  }

  return {
    shown,
    push,
    nextId,
    forgetCids: () => {
      cids.clear();
    },
    reports: (app, query) =>
      idsOf(query).flatMap((msg_id) => {
        const message = messages.get(msg_id);
        return message?.app === app.key ? [{ msg_id, reached: message.reached }] : [];
      }),
    handle(request) {
      const { path, method } = request;
      if (path.startsWith('/v3/schedules')) {
        const app = apps.of(request, '8101');
        return withHeaders(schedule(app, request), countCall(app, 'schedule', kit().now()));
      }
      if (path.startsWith('/v3/received') || path === '/v3/status/message') {
        const app = apps.of(request, '3001');
        const headers = countCall(app, 'report', kit().now());
        return path === '/v3/status/message'
          ? ok(statusOf(app, parseBody(request, '1003')), headers)
          : ok(received(app, request.query), headers);
      }
      const app = apps.of(request, '1004');
      const headers = countCall(app, 'push', kit().now());
      if (path === '/v3/push/cid' && method === 'GET') return ok(issueCids(app, request.query), headers);
      if (method === 'DELETE') return withHeaders(recall(app, path.split('/')[3] ?? ''), headers);
      if (method !== 'POST') throw new Refusal('1001');
      const body = parseBody(request, '1003');
      if (path === '/v3/push/validate') {
        checkPush(body);
        if (!targets(app, body).length) throw new Refusal('1011');
        return ok({ sendno: '0', msg_id: '0' }, headers);
      }
      return ok(push(app, body), headers);
    },
  };
}

export function withHeaders(answer: SandboxAnswer, headers: Record<string, string>): SandboxAnswer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function parseBody(request: SandboxRequest, code: string): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new Refusal(code, 'The request body is not valid JSON.');
  }
}

const moment = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

function checkTrigger(trigger: unknown, now: Date): asserts trigger is Json {
  const bad = () => new Refusal('8100', 'The schedule-task is invalid: trigger is invalid.');
  if (!isObject(trigger)) throw bad();
  const { single, periodical } = trigger;
  const year = 366 * dayMs;
  // JPush reads times without a zone as Beijing's.
  const at = (value: unknown) =>
    typeof value === 'string' && moment.test(value) ? Date.parse(`${value.replace(' ', 'T')}+08:00`) : Number.NaN;
  if (isObject(single)) {
    const when = at(single['time']);
    if (!(when > now.getTime() && when - now.getTime() <= year)) throw bad();
    return;
  }
  if (!isObject(periodical)) throw bad();
  const [start, end] = [at(periodical['start']), at(periodical['end'])];
  if (
    !(end > start && end > now.getTime() && end - start <= year) ||
    !/^\d\d:\d\d:\d\d$/.test(String(periodical['time']))
  )
    throw bad();
  if (
    !/^(day|week|month)$/i.test(String(periodical['time_unit'])) ||
    !(Number(periodical['frequency']) >= 1 && Number(periodical['frequency']) <= 100)
  )
    throw bad();
}

function viewOf(body: Json): { title: string; text: string; url: string } {
  const notification = isObject(body['notification']) ? body['notification'] : {};
  const android = isObject(notification['android']) ? notification['android'] : {};
  const ios = isObject(notification['ios']) ? notification['ios'] : {};
  const iosAlert = isObject(ios['alert']) ? ios['alert'] : { body: ios['alert'] };
  const message = isObject(body['message']) ? body['message'] : {};
  const extras = isObject(android['extras']) ? android['extras'] : isObject(ios['extras']) ? ios['extras'] : {};
  const text = String(android['alert'] ?? iosAlert['body'] ?? notification['alert'] ?? message['msg_content'] ?? '');
  return {
    title: String(android['title'] ?? iosAlert['title'] ?? message['title'] ?? text),
    text,
    url: typeof extras['url'] === 'string' ? extras['url'] : '',
  };
}
