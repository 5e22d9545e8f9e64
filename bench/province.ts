/** A province for a broadcast: cities, counties and their units, each with an account on every channel. */
import type { Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import type { Ground } from './ground.js';

const channels = ['website', 'wechat', 'weibo', 'app'] as const;
const cities = 9;
const counties = 10;
const root = { _id: 'p', name: '示例省', path: 'p/', region: '350000' };

/** Written natively: casting thousands of rows one by one would take longer than sending to them. */
export async function fillProvince({ store, vault }: Hub, ground: Ground, accounts: number): Promise<void> {
  const units = Array.from({ length: Math.ceil(accounts / channels.length) }, (_, n) => unitAt(n));
  await store.organizations.create(root);
  await inPieces([...middle(), ...units], (part) => store.organizations.collection.insertMany(part as never[]));
  for (const [place, channel] of channels.entries()) {
    const own = units.filter((_, n) => n * channels.length + place < accounts);
    const ready = await ground.ready(channel, 0, own.length);
    const rows = ready.map(({ name, settings, credentials }, n) => {
      const id = newId('a');
      const { _id: organization, path, region } = own[n] ?? root;
      const frame = { _id: id, channel, name, organization, path, region, tags: [], enabled: true };
      const sealed = vault.seal(id, credentials);
      return { ...frame, settings, sealed, credential: { state: 'ok' as const }, createdAt: new Date() };
    });
    await inPieces(rows, (part) => store.accounts.collection.insertMany(part as never[]));
  }
}

/** Cities and counties, which have no accounts of their own here. */
function middle(): (typeof root)[] {
  const rows: (typeof root)[] = [];
  for (let city = 1; city <= cities; city += 1) {
    rows.push({ _id: `c${city}`, name: `示例${city}市`, path: `p/c${city}/`, region: `350${city}00` });
    for (let county = 1; county <= counties; county += 1) {
      const id = `c${city}-${county}`;
      rows.push({ _id: id, name: `示例${city}市${county}县`, path: `p/c${city}/${id}/`, region: code(city, county) });
    }
  }
  return rows;
}

function unitAt(n: number): typeof root {
  const [city, county] = [1 + (n % cities), 1 + (Math.floor(n / cities) % counties)];
  const id = `u${n}`;
  return { _id: id, name: `示例单位${n}`, path: `p/c${city}/c${city}-${county}/${id}/`, region: code(city, county) };
}

const code = (city: number, county: number): string => `350${city}${String(county).padStart(2, '0')}`;

async function inPieces<T>(rows: readonly T[], write: (part: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += 1_000) await write(rows.slice(at, at + 1_000));
}
