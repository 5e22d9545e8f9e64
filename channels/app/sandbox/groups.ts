/**
 * JPush's calls around the single push: one push to a group of apps, many pushes in one call, and the reports that only
 * a paying (VIP) app gets. Paths and the shapes of pushes and group answers: docs.jiguang.cn and the official Java SDK;
 * the fields of the VIP reports are recalled.
 */
import { createHash } from 'node:crypto';
import type { SandboxAnswer, SandboxKit, SandboxRequest } from '../../sandbox.js';
import { basicOf, countCall, type App, type Apps } from './apps.js';
import { ok, Refusal } from './codes.js';
import type { PushDesk } from './push.js';
import { isObject, type Json } from './rules.js';

interface Group {
  secret: string;
  apps: string[];
}

export interface GroupDesk {
  /** Answers the group's key and secret. */
  make(apps: string[]): { groupKey: string; masterSecret: string };
  push(request: SandboxRequest, body: unknown): SandboxAnswer;
  batch(app: App, kind: 'registration_id' | 'alias', body: unknown): SandboxAnswer;
  messages(app: App, query: URLSearchParams): SandboxAnswer;
  users(app: App, query: URLSearchParams): SandboxAnswer;
}

export function createGroupDesk(apps: Apps, desk: PushDesk, kit: () => SandboxKit): GroupDesk {
  const groups = new Map<string, Group>();

  /** What of each push came: its message, or the error a push by itself would have met. */
  function outcome(work: () => Json): Json {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refusal) return JSON.parse(String(error.answer.body)) as Json;
      throw error;
    }
  }

  return {
    make(members) {
      const key = createHash('sha256')
        .update(`group ${members.join(' ')}`)
        .digest('hex');
      const group = { secret: key.slice(24, 48), apps: members };
      groups.set(key.slice(0, 24), group);
      return { groupKey: key.slice(0, 24), masterSecret: group.secret };
    },
    push(request, body) {
      const { name, secret } = basicOf(request) ?? { name: '', secret: '' };
      const group = name.startsWith('group-') ? groups.get(name.slice('group-'.length)) : undefined;
      if (group?.secret !== secret) throw new Refusal('1004');
      if (isObject(body) && isObject(body['options']) && body['options']['override_msg_id'] !== undefined)
        throw new Refusal('1003', 'Invalid parameter: options.override_msg_id.');
      const results = group.apps.map((key) => {
        const app = apps.byKey(key);
        return [
          key,
          outcome(() => {
            countCall(app, 'push', kit().now());
            return desk.push(app, body);
          }),
        ];
      });
      return ok({ group_msgid: desk.nextId(), ...(Object.fromEntries(results) as Json) });
    },
    batch(app, kind, body) {
      vipOnly(app);
      const list = isObject(body) ? body['pushlist'] : undefined;
      if (!isObject(list) || Object.keys(list).length < 1 || Object.keys(list).length > 1_000)
        throw new Refusal('1003', 'Invalid parameter: pushlist.');
      return ok(
        Object.fromEntries(
          Object.entries(list).map(([cid, order]) => [
            cid,
            outcome(() => {
              if (!isObject(order) || typeof order['target'] !== 'string')
                throw new Refusal('1002', 'Missing parameter: target.');
              const { target, ...rest } = order;
              const { msg_id } = desk.push(app, { ...rest, cid, audience: { [kind]: [target] } });
              return { msg_id };
            }),
          ]),
        ),
      );
    },
    messages(app, query) {
      vipOnly(app);
      return ok(
        desk.reports(app, query).map(({ msg_id, reached }) => ({
          msg_id,
          jpush: {
            target: reached.android,
            online_push: reached.android,
            received: reached.android,
            click: 0,
            msg_click: 0,
          },
          android_pns: null,
          ios: {
            apns_target: reached.ios,
            apns_sent: reached.ios,
            apns_received: reached.ios,
            apns_click: 0,
            msg_target: 0,
            msg_received: 0,
          },
          hmos: { target: reached.hmos, sent: reached.hmos, received: reached.hmos, click: 0 },
        })),
      );
    },
    users(app, query) {
      vipOnly(app);
      const [unit = '', start = '', length] = [
        query.get('time_unit') ?? '',
        query.get('start') ?? '',
        Number(query.get('duration')),
      ];
      const shape = (
        { HOUR: /^\d{4}-\d\d-\d\d \d\d$/, DAY: /^\d{4}-\d\d-\d\d$/, MONTH: /^\d{4}-\d\d$/ } as Record<string, RegExp>
      )[unit.toUpperCase()];
      if (!shape?.test(start)) throw new Refusal('3004');
      if (!Number.isInteger(length) || length < 1 || length > 60)
        throw new Refusal('1003', 'Invalid parameter: duration.');
      if (kit().now().getTime() - Date.parse(start.slice(0, 10)) > 61 * 24 * 3600 * 1000) throw new Refusal('3005');
      const count = (platform: string) =>
        [...app.devices.values()].filter((device) => device.platform === platform).length;
      const row = (platform: string) => ({ new: 0, active: count(platform), online: count(platform) });
      return ok({
        time_unit: unit,
        start,
        duration: length,
        items: [{ time: start, android: row('android'), ios: row('ios'), hmos: row('hmos') }],
      });
    },
  };
}

function vipOnly(app: App): void {
  if (!app.vip) throw new Refusal('2006');
}
