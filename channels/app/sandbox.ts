/**
 * The app channel's platforms on one port: JPush REST v3 (push, report and device hosts) and a Web Push service.
 *
 * Controls (POST on the control port, JSON):
 *   targets           {"app":"KEY","none":true}                         a push finds no phone: 1011
 *   vip               {"app":"KEY","on":true}                           a paying app: batch pushes and more reports
 *   group             {"apps":["KEY","…"]}                              answers a group's key and secret for /v3/grouppush
 *   devices           {"app":"KEY","id":"…","platform":"android","tags":["…"],"alias":"…"}   a phone registers
 *   quota             {"app":"KEY","family":"push","perMinute":3}       families: push, report, device, schedule
 *   cids/forget       {}                                                cids that were given out hold no more
 *   webpush/subscribe {}                                                answers a browser's subscription
 *   webpush/expire    {"endpoint":"…","status":410}                     404 or 410 from now on
 *   webpush/online    {"endpoint":"…","online":false}                   messages wait; a topic replaces its earlier one
 */
import { z } from 'zod';
import type { SandboxAnswer, SandboxKit, SandboxPlatform, SandboxRequest } from '../sandbox.js';
import { appKeyOf, countCall, createApps, masterSecretOf, RateRefusal } from './sandbox/apps.js';
import { createBrowsers } from './sandbox/browsers.js';
import { failureAnswer, json, Refusal } from './sandbox/codes.js';
import { handleDevices } from './sandbox/devices.js';
import { createGroupDesk } from './sandbox/groups.js';
import { phonePage } from './sandbox/page.js';
import { createPushDesk, parseBody, withHeaders } from './sandbox/push.js';

const control = {
  targets: z.object({ app: z.string(), none: z.boolean() }),
  vip: z.object({ app: z.string(), on: z.boolean().default(true) }),
  group: z.object({ apps: z.array(z.string()).min(1) }),
  devices: z.object({
    app: z.string(),
    id: z.string().min(1),
    platform: z.enum(['android', 'ios', 'hmos']).default('android'),
    tags: z.array(z.string()).default([]),
    alias: z.string().default(''),
  }),
  quota: z.object({
    app: z.string(),
    family: z.enum(['push', 'report', 'device', 'schedule']),
    perMinute: z.int().min(0),
  }),
  expire: z.object({ endpoint: z.string(), status: z.union([z.literal(404), z.literal(410)]).default(410) }),
  online: z.object({ endpoint: z.string(), online: z.boolean() }),
};

export function createAppSandbox(): SandboxPlatform {
  const apps = createApps();
  let opened: SandboxKit | undefined;
  const kit = (): SandboxKit => {
    if (!opened) throw new Error('the sandbox is not open');
    return opened;
  };
  const desk = createPushDesk(apps, kit);
  const groups = createGroupDesk(apps, desk, kit);
  const browsers = createBrowsers(kit, desk.shown);

  function answer(request: SandboxRequest): SandboxAnswer {
    const { path } = request;
    if (path.startsWith('/webpush/')) return browsers.handle(request);
    if (/^\/v3\/(devices|aliases|tags)(\/|$)/.test(path)) {
      const app = apps.of(request, '7004');
      const headers = countCall(app, 'device', kit().now());
      return withHeaders(
        handleDevices(app, request, () => parseBody(request, '7002')),
        headers,
      );
    }
    const batch = /^\/v3\/push\/batch\/(regid|alias)\/single$/.exec(path)?.[1];
    if (batch !== undefined) {
      const app = apps.of(request, '1004');
      const headers = countCall(app, 'push', kit().now());
      return withHeaders(
        groups.batch(app, batch === 'regid' ? 'registration_id' : 'alias', parseBody(request, '1003')),
        headers,
      );
    }
    if (path === '/v3/grouppush') {
      if (request.method !== 'POST') throw new Refusal('1001');
      return groups.push(request, parseBody(request, '1003'));
    }
    if (path === '/v3/users' || path === '/v3/messages' || path === '/v3/messages/detail') {
      const app = apps.of(request, '3001');
      const headers = countCall(app, 'report', kit().now());
      return withHeaders(
        path === '/v3/users' ? groups.users(app, request.query) : groups.messages(app, request.query),
        headers,
      );
    }
    if (/^\/v3\/(push|schedules|received|status)(\/|$)/.test(path)) return desk.handle(request);
    return { status: 404, headers: json, body: JSON.stringify({ error: { code: 404, message: 'Not Found' } }) };
  }

  return {
    name: 'app',
    open(given) {
      opened = given;
    },
    callOf,
    handle(request) {
      try {
        return answer(request);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return error instanceof RateRefusal
          ? { ...error.answer, headers: { ...error.answer.headers, ...error.headers } }
          : error.answer;
      }
    },
    failure(call, code) {
      if (call !== 'webpush') return failureAnswer(code);
      return {
        status: Number(code),
        headers: { 'content-type': 'text/plain', ...((code === '429' || code === '503') && { 'retry-after': '30' }) },
        body: `scripted ${code}`,
      };
    },
    account(n) {
      const appKey = appKeyOf(n);
      const address = opened && { endpoint: opened.url, reportEndpoint: opened.url };
      return {
        name: `仿真客户端${n + 1}`,
        settings: {
          provider: 'jpush',
          feed: `app-${n + 1}`,
          title: `仿真客户端${n + 1}`,
          appKey,
          audience: 'all',
          ...address,
        },
        credentials: { masterSecret: masterSecretOf(appKey) },
      };
    },
    publicPage: () => phonePage(desk.shown),
    controls: {
      targets(body) {
        const { app, none } = control.targets.parse(body);
        apps.byKey(app).noTargets = none;
      },
      vip(body) {
        const { app, on } = control.vip.parse(body);
        apps.byKey(app).vip = on;
      },
      group: (body) => groups.make(control.group.parse(body).apps),
      devices(body) {
        const { app, tags, ...device } = control.devices.parse(body);
        apps.byKey(app).devices.set(device.id, { ...device, tags: new Set(tags), mobile: '', everywhere: false });
      },
      quota(body) {
        const { app, family, perMinute } = control.quota.parse(body);
        apps.byKey(app).quotas.set(family, perMinute);
      },
      'cids/forget': () => {
        desk.forgetCids();
      },
      'webpush/subscribe': () => browsers.subscribe(),
      'webpush/expire'(body) {
        const { endpoint, status } = control.expire.parse(body);
        browsers.expire(endpoint, status);
      },
      'webpush/online'(body) {
        const { endpoint, online } = control.online.parse(body);
        browsers.online(endpoint, online);
      },
    },
  };
}

/** `push`, `push/validate`, `push/cid`, `push/recall`, `push/batch`, `grouppush`, `schedules`, `received/detail`, `status/message`, `messages/detail`, `users`, `devices`, `aliases`, `tags`, `webpush`. */
function callOf({ method, path }: SandboxRequest): string {
  if (path.startsWith('/webpush/')) return 'webpush';
  const [, , family = '', part] = path.split('/');
  switch (family) {
    case 'push':
      return part === undefined ? 'push' : method === 'DELETE' ? 'push/recall' : `push/${part}`;
    case 'received':
    case 'messages':
    case 'status':
      return part === undefined ? family : `${family}/${part}`;
    default:
      return family;
  }
}
