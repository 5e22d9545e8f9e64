/** The live line (SSE). It mends itself, and always says whether it stands and when the last data came. */
import { onScopeDispose, ref } from 'vue';
import { api, type ReleaseStatus } from '../api';
import { useFreezes } from '../stores/freezes';

export type Line = 'connecting' | 'open' | 'lost';

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

const pauses = [1_000, 2_000, 4_000, 8_000, 15_000];
/** The hub says something every 15 s at least; after this long without a word the line is dead, whatever the browser thinks. */
const longestSilence = 40_000;

export function useEvents(release: string | undefined, listeners: Listeners) {
  const line = ref<Line>('connecting');
  const lastAt = ref(new Date());
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  function open(): void {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(
      release === undefined ? '/api/v1/events' : `/api/v1/events?release=${encodeURIComponent(release)}`,
    );
    source.onopen = () => {
      if (line.value === 'lost') listeners.mended?.();
      line.value = 'open';
      failures = 0;
      heard();
    };
    source.onerror = lost;
    hear(source, 'status', (data) => listeners.status?.(data as ReleaseStatus));
    hear(source, 'placements', (data) => listeners.placements?.(idsOf(data)));
    hear(source, 'release', () => listeners.release?.());
    hear(source, 'freezes', () => void useFreezes().look());
    hear(source, 'alive', () => undefined);
    hear(source, 'releases', (data) => listeners.releases?.(idsOf(data)));
  }

  function hear(from: EventSource, name: string, listener: (data: unknown) => void): void {
    from.addEventListener(name, (event: MessageEvent<string>) => {
      heard();
      listener(JSON.parse(event.data));
    });
  }

  function heard(): void {
    lastAt.value = new Date();
    clearTimeout(silence);
    silence = setTimeout(lost, longestSilence);
  }

  /** The browser's own retry gives up on an answer that is not a stream, so the retry is ours. */
  function lost(): void {
    source?.close();
    line.value = 'lost';
    clearTimeout(silence);
    clearTimeout(timer);
    timer = setTimeout(again, pauses[Math.min(failures, pauses.length - 1)]);
    failures += 1;
  }

  /** An EventSource cannot tell that the session ended; the session call can, and leads to the sign-in page. */
  function again(): void {
    api.session().then(open, lost);
  }

  window.addEventListener('offline', lost);
  window.addEventListener('online', again);
  onScopeDispose(() => {
    window.removeEventListener('offline', lost);
    window.removeEventListener('online', again);
    clearTimeout(timer);
    clearTimeout(silence);
    source?.close();
  });
  open();

  return { line, lastAt };
}

function idsOf(data: unknown): string[] | undefined {
  return typeof data === 'object' && data !== null && 'ids' in data && Array.isArray(data.ids)
    ? data.ids.map(String)
    : undefined;
}
