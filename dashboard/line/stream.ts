/** One stream of the hub's events (SSE). It mends itself, and always says whether it stands. */
import { api } from '../api';

export type Line = 'connecting' | 'open' | 'lost';

/** What a page wants to hear of. */
export interface Wanted {
  releases: readonly string[];
  /** Which releases changed, whichever they are. */
  list: boolean;
}

export type Spoken = { is: 'line'; line: Line } | { is: 'event'; name: string; data: unknown };

export interface Stream {
  /** Opens it anew for this; the hub tells the present state at once. Where it breaks off, what was missed follows. */
  want(wanted: Wanted): void;
  close(): void;
}

const names = ['status', 'placements', 'release', 'freezes', 'alive', 'releases'] as const;
const pauses = [1_000, 2_000, 4_000, 8_000, 15_000];
/** The hub says something every 15 s at least; after this long without a word the line is dead, whatever the browser thinks. */
export const longestSilence = 40_000;

export function openStream(speak: (spoken: Spoken) => void): Stream {
  let wanted: Wanted | undefined;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** The place in the news up to which all was told. */
  let place = '';

  function open(): void {
    clearTimeout(timer);
    source?.close();
    if (!wanted) return;
    const from = new EventSource(addressOf(wanted, place));
    source = from;
    from.onopen = () => {
      failures = 0;
      heard();
      speak({ is: 'line', line: 'open' });
    };
    from.onerror = lost;
    for (const name of names)
      from.addEventListener(name, (event: MessageEvent<string>) => {
        heard();
        place = event.lastEventId || place;
        speak({ is: 'event', name, data: JSON.parse(event.data) });
      });
  }

  function heard(): void {
    clearTimeout(silence);
    silence = setTimeout(lost, longestSilence);
  }

  /** The browser's own retry gives up on an answer that is not a stream, so the retry is ours. */
  function lost(): void {
    source?.close();
    clearTimeout(silence);
    clearTimeout(timer);
    if (!wanted) return;
    speak({ is: 'line', line: 'lost' });
    timer = setTimeout(again, pauses[Math.min(failures, pauses.length - 1)]);
    failures += 1;
  }

  /** An EventSource cannot tell that the session ended; the session call can, and leads to the sign-in page. */
  function again(): void {
    if (wanted) api.session().then(open, lost);
  }

  window.addEventListener('offline', lost);
  window.addEventListener('online', again);
  return {
    want(next) {
      wanted = next;
      place = '';
      open();
    },
    close() {
      wanted = undefined;
      source?.close();
      clearTimeout(timer);
      clearTimeout(silence);
    },
  };
}

function addressOf({ releases, list }: Wanted, place: string): string {
  const search = new URLSearchParams(releases.map((id) => ['release', id]));
  if (list && releases.length > 0) search.set('list', 'yes');
  if (place !== '') search.set('after', place);
  return `/api/v1/events${search.size > 0 ? `?${search.toString()}` : ''}`;
}
