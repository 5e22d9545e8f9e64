/** The apps this JPush knows: any key of its own family, with state only from the first call on. */
import { createHash } from 'node:crypto';
import type { SandboxRequest } from '../../sandbox.js';
import { Refusal } from './codes.js';

export interface Device {
  id: string;
  platform: 'android' | 'ios' | 'hmos';
  tags: Set<string>;
  alias: string;
  mobile: string;
  /** A standing test phone lives in every region: it carries every tag that is a region code. */
  everywhere: boolean;
}

export interface App {
  key: string;
  devices: Map<string, Device>;
  noTargets: boolean;
  /** Paying apps have calls of their own. */
  vip: boolean;
  /** Calls this minute, by family of calls. */
  windows: Map<string, { began: number; used: number }>;
  quotas: Map<string, number>;
}

const mark = (text: string) => createHash('sha256').update(text).digest('hex');

/** 24 letters and digits: the number, and a mark by which the key is known again. */
export function appKeyOf(n: number): string {
  const number = n.toString(16).padStart(10, '0');
  return `${number}${mark(`lianfa sandbox app ${number}`).slice(0, 14)}`;
}

export function masterSecretOf(appKey: string): string {
  return mark(`lianfa sandbox secret ${appKey}`).slice(0, 24);
}

function isOurs(appKey: string): boolean {
  return /^[0-9a-f]{24}$/.test(appKey) && appKeyOf(Number.parseInt(appKey.slice(0, 10), 16)) === appKey;
}

export interface Apps {
  /** The app of an authorised request. @throws Refusal with `unauthorised` or 1008 otherwise. */
  of(request: SandboxRequest, unauthorised: string): App;
  byKey(appKey: string): App;
}

export function createApps(): Apps {
  const known = new Map<string, App>();

  function byKey(key: string): App {
    let app = known.get(key);
    if (!app) {
      const standing = (['android', 'ios', 'hmos'] as const).map((platform, n): Device => ({
        id: `${n + 1}${key.slice(0, 18)}`,
        platform,
        tags: new Set(),
        alias: '',
        mobile: '',
        everywhere: true,
      }));
      app = {
        key,
        devices: new Map(standing.map((device) => [device.id, device])),
        noTargets: false,
        vip: false,
        windows: new Map(),
        quotas: new Map(),
      };
      known.set(key, app);
    }
    return app;
  }

  return {
    byKey,
    of(request, unauthorised) {
      const given = basicOf(request);
      if (!given) throw new Refusal(unauthorised);
      const { name: key, secret } = given;
      if (!isOurs(key)) throw new Refusal(unauthorised === '7004' ? '7008' : '1008');
      if (secret !== masterSecretOf(key)) throw new Refusal(unauthorised);
      return byKey(key);
    },
  };
}

/** Name and secret of `Authorization: Basic`, where there are any. */
export function basicOf(request: SandboxRequest): { name: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [name = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { name, secret };
}

/** One call more in this minute, per app and family (JPush: push 600, device 600, report 2400, schedule 100). @throws Refusal 2002 beyond. */
export function countCall(app: App, family: string, now: Date): Record<string, string> {
  const quota = app.quotas.get(family) ?? { push: 600, device: 600, report: 2400, schedule: 100 }[family] ?? 600;
  let window = app.windows.get(family);
  if (!window || now.getTime() - window.began >= 60_000) {
    window = { began: now.getTime(), used: 0 };
    app.windows.set(family, window);
  }
  window.used += 1;
  const headers = {
    'x-rate-limit-quota': String(quota),
    'x-rate-limit-remaining': String(Math.max(0, quota - window.used)),
    'x-rate-limit-reset': String(Math.max(1, Math.ceil((window.began + 60_000 - now.getTime()) / 1000))),
  };
  if (window.used > quota) throw new RateRefusal(headers);
  return headers;
}

export class RateRefusal extends Refusal {
  readonly headers: Record<string, string>;

  constructor(headers: Record<string, string>) {
    super('2002');
    this.headers = headers;
  }
}
