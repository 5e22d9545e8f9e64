/** Where one bad case plays: accounts of its own on all channels, people who send to them, and what must come of it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { TwoPeople, Written } from '../bench/two-people.js';
import { placementId, type Placement } from '../core/model/placement.js';
import { isFinal } from '../core/model/states.js';
import type { ChaosAccount, Place } from './accounts.js';
import { titleOf, type Release } from './desk.js';
import type { Host } from './hosts.js';
import type { Platforms } from './platforms.js';
import type { World } from './world.js';

/** Seconds that anything is waited for. */
const longest = 240;

export interface Stage {
  world: World;
  platforms: Platforms;
  people: TwoPeople;
  hosts: Readonly<Record<'weibo' | 'website', Host>>;
  number: number;
  tag: string;
  accounts: readonly ChaosAccount[];
  releases(): Release[];
  /** A warning by two people's acts, to the accounts of the case or to those of them that are named; answers before its countdown is over. */
  send(name: string, to?: readonly ChaosAccount[]): Promise<Release>;
  /** The same with a text that is there already. */
  sendWritten(name: string, written: Written): Promise<Release>;
  /** Remembers what was ordered otherwise. */
  ordered(name: string, written: Written, to?: readonly ChaosAccount[]): Release;
  /** The next text of a warning that was sent. */
  revise(release: Release): Promise<void>;
  title(name: string, number: number): string;
  rows(release: Release): Promise<Placement[]>;
  /** Until so large a part of the accounts has the text. */
  out(release: Release, part: number): Promise<void>;
  /** Until all of these are verified. */
  verified(release: Release, of: (account: ChaosAccount) => boolean): Promise<void>;
  /** All that is not verified says why, and what or when is next. */
  explained(release: Release): Promise<void>;
  /** Counts where it does not hold. */
  requires(holds: boolean, words: string): void;
  /** What did not hold. */
  broken(): readonly string[];
}

export interface BadCase {
  name: string;
  said: { zh: string; en: string };
  /** What comes of it, for people. */
  outcome: { zh: string; en: string };
  /** The unit of its accounts, where it is one of their own. */
  unit?: Place['unit'];
  run(stage: Stage): Promise<void>;
}

export function openStage(
  ground: Pick<Stage, 'world' | 'platforms' | 'people' | 'hosts' | 'number' | 'tag' | 'accounts'>,
): Stage {
  const { world, people, number, tag, accounts } = ground;
  const { store } = world.hub;
  const releases = new Map<string, Release>();
  const broken: string[] = [];
  const title = (name: string, text: number): string => titleOf(number, name, text);

  async function until(words: string, condition: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + longest * 1_000; Date.now() < end; await pause(200)) if (await condition()) return;
    broken.push(`not within ${longest} s: ${words}`);
  }
  const rows = async ({ id }: Release): Promise<Placement[]> => store.placements.find({ release: id }).lean();

  function ordered(name: string, { release, revision }: Written, to = accounts): Release {
    const made = {
      id: release,
      name,
      revision,
      revisions: 1,
      ordered: new Map(to.map(({ id }) => [id, [{ text: 1 }]])),
    };
    releases.set(name, made);
    return made;
  }

  async function sendWritten(name: string, written: Written, to = accounts): Promise<Release> {
    await people.broadcast(written, { tags: [tag] });
    return ordered(name, written, to);
  }

  return {
    ...ground,
    ...{ title, rows, ordered, sendWritten },
    releases: () => [...releases.values()],
    send: async (name, to) => sendWritten(name, await people.write(title(name, 1)), to),
    async revise(release) {
      const text = release.revisions + 1;
      const written = await people.write(title(release.name, text), {
        release: release.id,
        revision: release.revision,
      });
      await people.broadcast(written, { tags: [tag] });
      Object.assign(release, { revision: written.revision, revisions: text });
      for (const list of release.ordered.values()) list.push({ text });
    },
    out: (release, part) =>
      until(`${part} of the accounts have it`, async () => {
        const standing = (await rows(release)).filter((row) => row.standing.length > 0);
        return standing.length >= part * release.ordered.size;
      }),
    async verified(release, of) {
      const ids = new Set(accounts.filter(of).map(({ id }) => placementId(release.id, id)));
      await until('these are verified', async () => {
        const found = (await rows(release)).filter(({ _id, state }) => ids.has(_id) && state === 'verified');
        return found.length === ids.size;
      });
    },
    async explained(release) {
      await until('the others say why', async () =>
        (await rows(release)).every((row) => row.state === 'verified' || explains(row)),
      );
    },
    requires(holds, words) {
      if (!holds) broken.push(words);
    },
    broken: () => broken,
  };
}

/** It is over, or says why it is not, and what or when is next. */
export function explains({ state, dueAt, recent }: Placement): boolean {
  if (isFinal(state) && state !== 'failed') return true;
  const cause = recent.findLast((event) => event.cause !== undefined);
  if (state === 'needs_action' || state === 'failed') return cause !== undefined;
  return state === 'waiting' ? cause !== undefined && dueAt !== undefined : dueAt !== undefined;
}
