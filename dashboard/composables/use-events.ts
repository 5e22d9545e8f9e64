/** Live news for one page, over the line that all tabs share. It says whether the line stands and when the last data came. */
import { onScopeDispose, ref } from 'vue';
import { api, type ReleaseStatus } from '../api';
import { watchLine } from '../line/shared-line';
import { longestSilence, type Line, type Spoken } from '../line/stream';
import { useFreezes } from '../stores/freezes';

export type { Line };

export interface Listeners {
  status?: (status: ReleaseStatus) => void;
  /** `undefined`: too many to name. */
  placements?: (ids: string[] | undefined) => void;
  releases?: (ids: string[] | undefined) => void;
  /** The release itself has changed: it was signed. */
  release?: () => void;
  /** The line stands again; what happened meanwhile must be read anew. */
  mended?: () => void;
}

export function useEvents(release: string | undefined, listeners: Listeners) {
  const line = ref<Line>('connecting');
  const lastAt = ref(new Date());
  let silence: ReturnType<typeof setTimeout> | undefined;

  function hear(spoken: Spoken): void {
    if (spoken.is === 'line' && spoken.line === 'lost') return lost();
    heard();
    if (spoken.is === 'event') listen(spoken.name, spoken.data);
  }

  function heard(): void {
    lastAt.value = new Date();
    clearTimeout(silence);
    // Another tab may hold the line, and stand still.
    silence = setTimeout(lost, longestSilence);
    const before = line.value;
    line.value = 'open';
    if (before === 'lost') listeners.mended?.();
  }

  function lost(): void {
    clearTimeout(silence);
    // Each tab asks for itself whether the session has ended: that leads to the sign-in page.
    if (line.value !== 'lost') api.session().catch(() => undefined);
    line.value = 'lost';
  }

  function listen(name: string, data: unknown): void {
    switch (name) {
      case 'status':
        return listeners.status?.(data as ReleaseStatus);
      case 'placements':
        return listeners.placements?.(idsOf(data));
      case 'releases':
        return listeners.releases?.(idsOf(data));
      case 'release':
        return listeners.release?.();
      case 'freezes':
        void useFreezes().look();
    }
  }

  const stop = watchLine({ release, hear });
  onScopeDispose(() => {
    clearTimeout(silence);
    stop();
  });

  return { line, lastAt };
}

function idsOf(data: unknown): string[] | undefined {
  return typeof data === 'object' && data !== null && 'ids' in data && Array.isArray(data.ids)
    ? data.ids.map(String)
    : undefined;
}
