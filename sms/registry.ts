/** The one place that lists providers: it does so by looking at the folders. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SmsAdapter } from './sms.js';

/** Loads every provider found as `<folder>/<name>/adapter.js` (`.ts` under development). Throws if a folder exports none of its own name. */
export async function loadSmsAdapters(folder: string): Promise<ReadonlyMap<string, SmsAdapter>> {
  const adapters = new Map<string, SmsAdapter>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = ['adapter.js', 'adapter.ts'].map((name) => join(folder, entry.name, name)).find(existsSync);
    if (!entry.isDirectory() || !file) continue;
    const { adapter } = (await import(pathToFileURL(file).href)) as { adapter?: SmsAdapter };
    if (adapter?.name !== entry.name) throw new Error(`${file} must export an SMS adapter named "${entry.name}"`);
    adapters.set(adapter.name, adapter);
  }
  return adapters;
}
