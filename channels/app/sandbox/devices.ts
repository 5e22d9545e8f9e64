/** JPush's device API (device.jpush.cn): tags and aliases of the phones that have the app. */
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.js';
import type { App, Device } from './apps.js';
import { ok, Refusal } from './codes.js';
import { isObject } from './rules.js';

export function handleDevices(app: App, request: SandboxRequest, body: () => unknown): SandboxAnswer {
  // Clients are seen to write a double slash and a trailing one.
  const [, , family, name = '', part, id] = request.path
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
    .split('/')
    .map(decodeURIComponent);
  switch (family) {
    case 'devices':
      return name === 'status' ? status(app, body()) : device(app, request.method, name, body);
    case 'tags':
      return part === 'registration_ids'
        ? ok({ result: app.devices.get(id ?? '')?.tags.has(name) ?? false })
        : tag(app, request, name, body);
    default:
      return alias(app, request, name);
  }
}

function device(app: App, method: string, id: string, body: () => unknown): SandboxAnswer {
  const found = app.devices.get(id);
  if (!found) throw new Refusal('7002', 'Invalid registration_id.');
  if (method === 'GET')
    return ok({
      tags: found.tags.size ? [...found.tags] : null,
      alias: found.alias || null,
      mobile: found.mobile || null,
    });
  if (method !== 'POST') throw new Refusal('7002');
  const change = body();
  if (!isObject(change)) throw new Refusal('7002');
  const { tags, alias: name, mobile } = change;
  if (tags === '') found.tags.clear();
  else if (isObject(tags)) {
    for (const value of strings(tags['add'], 100)) found.tags.add(value);
    for (const value of strings(tags['remove'], 100)) found.tags.delete(value);
  }
  if (typeof name === 'string') found.alias = name;
  if (typeof mobile === 'string') found.mobile = mobile;
  return ok(undefined);
}

function tag(app: App, request: SandboxRequest, name: string, body: () => unknown): SandboxAnswer {
  const all = [...app.devices.values()];
  if (!name) {
    const tags = [...new Set(all.flatMap((one) => [...one.tags]))].slice(0, 100);
    return ok({ tags: tags.length ? tags : null });
  }
  if (request.method === 'DELETE') {
    for (const one of chosen(all, request)) one.tags.delete(name);
    return ok(undefined);
  }
  const change = body();
  const ids = isObject(change) ? change['registration_ids'] : undefined;
  if (request.method !== 'POST' || !isObject(ids)) throw new Refusal('7002');
  for (const id of strings(ids['add'], 1_000)) app.devices.get(id)?.tags.add(name);
  for (const id of strings(ids['remove'], 1_000)) app.devices.get(id)?.tags.delete(name);
  return ok(undefined);
}

function alias(app: App, request: SandboxRequest, name: string): SandboxAnswer {
  if (!name) throw new Refusal('7002');
  const found = chosen([...app.devices.values()], request).filter((one) => one.alias === name);
  if (request.method === 'DELETE') {
    for (const one of found) one.alias = '';
    return ok(undefined);
  }
  return ok({ registration_ids: found.length ? found.slice(0, 10).map((one) => one.id) : null });
}

function status(app: App, body: unknown): SandboxAnswer {
  const ids = isObject(body) ? strings(body['registration_ids'], 1_000) : [];
  if (!ids.length) throw new Refusal('7002');
  return ok(Object.fromEntries(ids.map((id) => [id, app.devices.has(id) ? { online: true } : {}])));
}

function chosen(devices: Device[], { query }: SandboxRequest): Device[] {
  const platforms = query.get('platform')?.split(',');
  return platforms ? devices.filter((one) => platforms.includes(one.platform)) : devices;
}

function strings(value: unknown, most: number): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > most || value.some((one) => typeof one !== 'string'))
    throw new Refusal('7002');
  return value.map(String);
}
