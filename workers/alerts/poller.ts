/**
 * Looks at feeds and watched folders by what the store says is due, and keeps no timer of its own. Whoever moves the time
 * of the next look has this one; others find it no longer due, until its holder has said nothing for a while. All that
 * are due are under way at once: none waits for another.
 */
import { randomUUID } from 'node:crypto';
import type { Said } from '../../channels/channel.js';
import { mostInlets } from '../../core/alerts/inlets.js';
import type { AlertInlet } from '../../core/model/alert-inlet.js';
import { notify } from '../../core/notices/notices.js';
import type { Store } from '../../core/store/store.js';
import { Unreached } from './fetching.js';
import { lookAtFeed } from './feed.js';
import type { PollMeans, Turn } from './turn.js';
import { openFolders } from './folder.js';

class Lost extends Error {}

/** Milliseconds after which another may take a look over whose holder has said nothing; and how often it says so. */
const lease = 90_000;
const saidEvery = 20_000;
/** Seconds beyond which no interval grows while a look keeps failing, unless it was longer from the start. */
const slowest = 900;
/** Failures in a row of which people are told. */
const toldFrom = 3;

export interface Poller {
  /** Begins what is due; returns at once. */
  look(): void;
  /** One whole look at all that is due. */
  once(): Promise<void>;
  /** Calls off what is under way. */
  close(): Promise<void>;
}

export function openPoller(means: PollMeans, report: (error: unknown) => void, now = (): Date => new Date()): Poller {
  const { store } = means;
  const lookInFolder = openFolders(means);
  const underWay = new Map<string, Promise<void>>();
  const ending = new AbortController();
  let asking: Promise<unknown> | undefined;

  async function begin(): Promise<void> {
    const due: AlertInlet[] = await store.alertInlets
      .find({ nextAt: { $lte: now() } })
      .limit(mostInlets)
      .lean();
    for (const row of due) {
      if (underWay.has(row._id)) continue;
      const look = lookAt(row)
        .catch(report)
        .finally(() => underWay.delete(row._id));
      underWay.set(row._id, look);
    }
  }

  async function lookAt(row: AlertInlet): Promise<void> {
    const turn = randomUUID();
    const until = (): Date => new Date(now().getTime() + lease);
    const { matchedCount } = await store.alertInlets.updateOne(
      { _id: row._id, nextAt: { $lte: now() } },
      { $set: { turn, nextAt: until() } },
    );
    if (matchedCount === 0) return;
    let said = now().getTime();
    const mine: Turn = {
      now,
      signal: ending.signal,
      async keep() {
        if (now().getTime() - said < saidEvery) return;
        said = now().getTime();
        const kept = await store.alertInlets.updateOne({ _id: row._id, turn }, { $set: { nextAt: until() } });
        if (kept.matchedCount === 0) throw new Lost();
      },
    };
    try {
      const {
        set,
        unset = [],
        again,
      } = row.is === 'feed' ? await lookAtFeed(means, row, mine) : await lookInFolder(row, mine);
      const next = again ? 0 : row.every;
      await end(row, turn, { ...set, fails: 0, goodAt: now() }, [...unset, 'broken'], next);
    } catch (error) {
      if (error instanceof Lost) return;
      // Whoever comes next begins at once with what was called off.
      if (ending.signal.aborted) {
        await store.alertInlets.updateOne({ _id: row._id, turn }, { $set: { nextAt: now() }, $unset: { turn: 1 } });
        return;
      }
      if (!(error instanceof Unreached)) report(error);
      const { said: why, wait } = error instanceof Unreached ? error : { said: ours, wait: 0 };
      const fails = row.fails + 1;
      const next = Math.max(wait, Math.min(row.every * 2 ** Math.min(fails, 16), Math.max(row.every, slowest)));
      await end(row, turn, { fails, broken: { since: row.broken?.since ?? now(), why } }, [], next);
    }
  }

  async function end(
    row: AlertInlet,
    turn: string,
    set: Partial<AlertInlet>,
    unset: readonly (keyof AlertInlet)[],
    seconds: number,
  ): Promise<void> {
    const nextAt = new Date(now().getTime() + seconds * 1_000);
    const gone = Object.fromEntries(['turn', ...unset].map((name) => [name, 1]));
    const { matchedCount } = await store.alertInlets.updateOne(
      { _id: row._id, turn },
      { $set: { ...set, nextAt }, $unset: gone },
    );
    if (matchedCount > 0) await tell(store, row, set, now());
  }

  return {
    look() {
      asking ??= begin()
        .catch(report)
        .finally(() => {
          asking = undefined;
        });
    },
    async once() {
      await begin();
      await Promise.all(underWay.values());
    },
    async close() {
      ending.abort();
      await asking;
      await Promise.all(underWay.values());
    },
  };
}

const ours: Said = {
  zh: '本系统处理时出错，稍后再试；反复出现请运维查看日志。',
  en: 'an error of our own; it is tried again. Where it persists, operations read the log.',
};

/** People are told once of what keeps failing, and once when it works again. */
async function tell(store: Store, row: AlertInlet, set: Partial<AlertInlet>, now: Date): Promise<void> {
  const { _id, name, path } = row;
  const since = (set.broken ?? row.broken)?.since.getTime() ?? 0;
  if (set.broken && set.fails === toldFrom)
    await notify(
      store,
      {
        level: 'urgent',
        key: `inlet ${_id} broken ${since}`,
        path,
        said: {
          zh: `自动收取“${name}”出错：${set.broken.why.zh}`,
          en: `Fetching "${name}" fails: ${set.broken.why.en}`,
        },
        todo: {
          zh: '请在“来文”页查看，并联系对方；在此之前改由接口或上传收文。',
          en: 'See it under "Alerts received" and ask them; until then have alerts handed in another way.',
        },
      },
      now,
    );
  if (set.fails === 0 && row.fails >= toldFrom)
    await notify(
      store,
      {
        level: 'good',
        key: `inlet ${_id} works ${since}`,
        path,
        said: { zh: `自动收取“${name}”已恢复。`, en: `Fetching "${name}" works again.` },
      },
      now,
    );
  if (set.missed)
    await notify(
      store,
      {
        level: 'warning',
        key: `inlet ${_id} missed ${set.missed.at.getTime()}`,
        path,
        said: { zh: `自动收取“${name}”：${set.missed.why.zh}`, en: `Fetching "${name}": ${set.missed.why.en}` },
        todo: {
          zh: '请向对方索要这段时间的来文；可把间隔调短。',
          en: 'Ask them for the alerts of that time; a shorter interval may help.',
        },
      },
      now,
    );
}
