/** Follows the changes of releases for everybody who watches: one query per release and window, however many watch. */
import type { ReleaseStatus } from '../core/placements/report.js';
import type { Queries } from '../core/placements/queries.js';
import type { Changes } from './services.js';

/** Milliseconds between two messages about one release: at most four a second. */
const windowLength = 250;
/** More rows than this are not named; the watcher loads anew. */
const mostIds = 200;

export interface Watcher {
  status(status: ReleaseStatus): void;
  /** null: too many to name. JSON on the wire knows no undefined. */
  placements(ids: string[] | null): void;
  /** The release itself: it was signed. */
  release(): void;
}

export interface Live {
  /** Tells the status at once and after every change. Returns the way to stop. */
  watch(release: string, watcher: Watcher): () => void;
  /** Tells which releases changed. Returns the way to stop. */
  watchList(tell: (releases: string[]) => void): () => void;
}

interface Watched {
  watchers: Set<Watcher>;
  /** Rows that changed since the last message; undefined: too many. */
  ids: Set<string> | undefined;
  itself: boolean;
  timer: NodeJS.Timeout | undefined;
}

export function followChanges(
  changes: Pick<Changes, 'subscribe'>,
  queries: Pick<Queries, 'status'>,
  failed: (error: unknown) => void,
): Live {
  const watched = new Map<string, Watched>();
  const lists = new Set<(releases: string[]) => void>();
  const changedReleases = new Set<string>();
  let listTimer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  function heard(release: string, ids: readonly string[] | undefined): void {
    if (lists.size > 0) {
      changedReleases.add(release);
      listTimer ??= setTimeout(tellLists, windowLength).unref();
    }
    const entry = watched.get(release);
    if (!entry) return;
    if (ids?.length === 0) entry.itself = true;
    if (ids === undefined || (entry.ids && entry.ids.size + ids.length > mostIds)) entry.ids = undefined;
    else for (const id of ids) entry.ids?.add(id);
    entry.timer ??= setTimeout(() => void tell(release, entry), windowLength).unref();
  }

  async function tell(release: string, entry: Watched): Promise<void> {
    const { ids, itself } = entry;
    entry.ids = new Set();
    entry.itself = false;
    entry.timer = undefined;
    try {
      const status = await queries.status(release);
      for (const watcher of entry.watchers) {
        watcher.status(status);
        if (itself) watcher.release();
        if (!ids || ids.size > 0) watcher.placements(ids ? [...ids] : null);
      }
    } catch (error) {
      // The next change tells all that this one would have; so that it names every row, nothing is counted as told.
      entry.ids = undefined;
      entry.itself ||= itself;
      failed(error);
    }
  }

  function tellLists(): void {
    listTimer = undefined;
    const releases = [...changedReleases];
    changedReleases.clear();
    for (const list of lists) list(releases);
  }

  function listen(): void {
    stop ??= changes.subscribe(({ release, ids }) => heard(release, ids));
  }

  function leave(): void {
    if (watched.size > 0 || lists.size > 0) return;
    stop?.();
    stop = undefined;
  }

  return {
    watch(release, watcher) {
      listen();
      const entry = watched.get(release) ?? {
        watchers: new Set<Watcher>(),
        ids: new Set<string>(),
        itself: false,
        timer: undefined,
      };
      watched.set(release, entry);
      entry.watchers.add(watcher);
      queries.status(release).then((status) => {
        if (entry.watchers.has(watcher)) watcher.status(status);
      }, failed);
      return () => {
        entry.watchers.delete(watcher);
        if (entry.watchers.size === 0) {
          clearTimeout(entry.timer);
          watched.delete(release);
        }
        leave();
      };
    },
    watchList(list) {
      listen();
      lists.add(list);
      return () => {
        lists.delete(list);
        leave();
      };
    },
  };
}
