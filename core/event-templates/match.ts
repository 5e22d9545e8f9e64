/** Which templates fit an event, however whoever sent the alert calls it. */
import type { Content } from '../model/event-template.js';

/** `台风红色预警`, `Typhoon warning`: the event's own word in it, or one of its other names. */
export function fits({ event, aliases }: Pick<Content, 'event' | 'aliases'>, named: string): boolean {
  const text = named.normalize('NFKC').toLowerCase();
  return [event, ...aliases].some((name) => text.includes(name.normalize('NFKC').toLowerCase()));
}
