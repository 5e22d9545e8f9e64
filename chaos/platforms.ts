/** The four platforms, in the process of whoever judges: what they took is written down here, and what the public sees is read over HTTP. */
import { join } from 'node:path';
import type { Channel } from '../channels/channel.js';
import { loadChannels } from '../channels/registry.js';
import { startSandbox, type AcceptedEntry, type RunningSandbox, type SandboxAccount } from '../channels/sandbox.js';

export interface Taken extends AcceptedEntry {
  channel: string;
}

export interface Platforms {
  channels: ReadonlyMap<string, Channel>;
  names: string[];
  urls: string[];
  url(channel: string): string;
  /** Everything that was ever taken; a reset of the platform forgets none of it. */
  taken: readonly Taken[];
  account(channel: string, n: number): SandboxAccount;
  control(channel: string, path: string, body: unknown): Promise<void>;
  /** From now on they do what they are asked, at once. */
  calm(): Promise<void>;
  /** What Weibo lets one account do is not what is tried. A reset takes it back. */
  enough(): Promise<void>;
  page(channel: string, path: string): Promise<string>;
  close(): Promise<void>;
}

/** `host`: where they listen; loopback unless told. */
export async function openPlatforms(host?: string): Promise<Platforms> {
  const channels = await loadChannels([join(import.meta.dirname, '..', 'channels')]);
  const taken: Taken[] = [];
  const running = new Map<string, RunningSandbox>();
  for (const [name, channel] of channels) {
    const platform = channel.sandbox();
    const open = platform.open.bind(platform);
    platform.open = (kit) => {
      open({
        url: kit.url,
        now: () => kit.now(),
        accepted(entry) {
          taken.push({ channel: name, at: new Date().toISOString(), ...entry });
          kit.accepted(entry);
        },
      });
    };
    running.set(name, await startSandbox(platform, host === undefined ? {} : { host }));
  }
  const of = (name: string): RunningSandbox => {
    const found = running.get(name);
    if (!found) throw new Error(`no platform "${name}"`);
    return found;
  };

  async function control(channel: string, path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${of(channel).controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${channel} ${path}: ${await answer.text()}`);
  }

  return {
    channels,
    names: [...running.keys()],
    urls: [...running.values()].map(({ url }) => url),
    url: (channel) => of(channel).url,
    taken,
    account: (channel, n) => of(channel).account(n),
    control,
    async calm() {
      for (const name of running.keys()) await control(name, 'reset', {});
    },
    enough: () => control('weibo', 'budgets', { callsPerDay: 1_000_000, postsPerHour: 1_000 }),
    async page(channel, path) {
      return (await fetch(`${of(channel).url}${path}`)).text();
    },
    async close() {
      for (const one of running.values()) await one.close();
    },
  };
}
