/**
 * One stream for all tabs of a browser: over HTTP/1.1 it keeps six connections to a hub, and tabs that held one each would
 * leave none for the stop button. The tab that has the lock holds the stream and tells the others; when it goes, the next
 * one takes over. Where the browser has no locks (plain http on a network), each tab has its own, and none while hidden.
 */
import { openStream, type Spoken, type Wanted } from './stream';

export interface Watcher {
  /** Of one release; without it, of the list. */
  release: string | undefined;
  hear(spoken: Spoken): void;
}

type Message =
  | { is: 'spoken'; spoken: Spoken }
  | { is: 'wanted'; tab: string; wanted: Wanted }
  | { is: 'gone'; tab: string }
  | { is: 'who' };

/** Milliseconds in which what several components want is asked for at once. */
const settle = 20;

const watchers = new Set<Watcher>();
const tab = `${Date.now()}-${Math.random()}`;
const shares = 'locks' in navigator && typeof BroadcastChannel === 'function';
const channel = shares ? new BroadcastChannel('lianfa-line') : undefined;
/** What the other tabs want, where this one holds the stream. */
const others = new Map<string, Wanted>();
const stream = openStream(speak);
let holds = false;
let begun = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Returns the way to stop. */
export function watchLine(watcher: Watcher): () => void {
  begin();
  watchers.add(watcher);
  ask();
  return () => {
    watchers.delete(watcher);
    ask();
  };
}

function begin(): void {
  if (begun) return;
  begun = true;
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => listen(data);
    // Held until the tab goes.
    void navigator.locks.request('lianfa-line', () => {
      holds = true;
      tell({ is: 'who' });
      ask();
      return new Promise<never>(() => undefined);
    });
    window.addEventListener('pagehide', () => tell({ is: 'gone', tab }));
    return;
  }
  holds = true;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stream.close();
    else ask();
  });
}

function tell(message: Message): void {
  channel?.postMessage(message);
}

function listen(message: Message): void {
  switch (message.is) {
    case 'spoken':
      if (!holds) dispatch(message.spoken);
      return;
    case 'wanted':
      if (!holds) return;
      others.set(message.tab, message.wanted);
      ask();
      return;
    case 'gone':
      if (others.delete(message.tab)) ask();
      return;
    case 'who':
      tell({ is: 'wanted', tab, wanted: own() });
      return;
  }
}

function own(): Wanted {
  const releases = [...watchers].flatMap(({ release }) => release ?? []);
  return { releases: [...new Set(releases)], list: [...watchers].some(({ release }) => release === undefined) };
}

/** Opened anew with each change: so whoever has just come hears the present state, and nothing between is missed. */
function ask(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!holds) return tell({ is: 'wanted', tab, wanted: own() });
    const all = [own(), ...others.values()];
    const releases = [...new Set(all.flatMap((wanted) => wanted.releases))];
    const list = all.some((wanted) => wanted.list);
    if (releases.length > 0 || list) stream.want({ releases, list });
    else stream.close();
  }, settle);
}

function speak(spoken: Spoken): void {
  tell({ is: 'spoken', spoken });
  dispatch(spoken);
}

function dispatch(spoken: Spoken): void {
  for (const watcher of watchers) if (isFor(spoken, watcher.release)) watcher.hear(spoken);
}

/** Of a release, only who looks at it hears; of the list, only who looks at that. */
function isFor(spoken: Spoken, release: string | undefined): boolean {
  if (spoken.is === 'line') return true;
  const { name, data } = spoken;
  if (name === 'releases') return release === undefined;
  const named = typeof data === 'object' && data !== null && 'release' in data ? data.release : undefined;
  return named === undefined || named === release;
}
