/** The judgement over one release on one account: what was ordered against what the platform took and what the public sees. */

export interface Ordered {
  /** Number of the revision; absent: nothing is to stand. */
  text?: number;
  /** What stood before may stay beside it (续报). */
  keeps?: true;
}

export interface Seen {
  /** Everything that was ordered of this release on this account, oldest first. */
  ordered: readonly Ordered[];
  /** The texts that the platform took as posts of their own, in their order. */
  taken: readonly number[];
  /** The texts that the public sees now. */
  shown: readonly number[];
  /** The channel shows one page, which changes. */
  inPlace: boolean;
  /** A person was told, and has it in hand: what is wrong in public is no secret. */
  told: boolean;
  /** Nothing is on its way any more. */
  atRest: boolean;
}

export interface Counts {
  overtaken: number;
  doubles: number;
  lost: number;
  stuck: number;
}

export const nothing: Counts = { overtaken: 0, doubles: 0, lost: 0, stuck: 0 };

export function verdict(seen: Seen): Counts {
  const { taken, told, atRest } = seen;
  return {
    // An older text taken after a newer one is overtaken even where it was taken away again.
    overtaken:
      taken.some((text, place) => text < Math.max(0, ...taken.slice(0, place))) || (!told && showsOld(seen)) ? 1 : 0,
    doubles: taken.length - new Set(taken).size + (seen.shown.length - new Set(seen.shown).size),
    lost: atRest && !told && lacks(seen) ? 1 : 0,
    stuck: atRest ? 0 : 1,
  };
}

export function sum(all: readonly Counts[]): Counts {
  const total = { ...nothing };
  for (const one of all) for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += one[name];
  return total;
}

/** Something stands that nobody wants there any more. */
function showsOld({ ordered, shown, atRest }: Seen): boolean {
  const { wanted, may } = wantedOf(ordered);
  return atRest && shown.some((text) => text !== wanted && !may.has(text));
}

/** What is wanted isn't there, or an update has taken the place of what it goes on from. */
function lacks({ ordered, taken, shown, inPlace }: Seen): boolean {
  const { wanted, may } = wantedOf(ordered);
  if (wanted !== undefined && !shown.includes(wanted)) return true;
  return !inPlace && wanted !== undefined && [...may].some((text) => taken.includes(text) && !shown.includes(text));
}

/** What is to stand, and what may stand beside it: what an update goes on from, back to the last order that was none. */
export function wantedOf(ordered: readonly Ordered[]): { wanted: number | undefined; may: ReadonlySet<number> } {
  const may = new Set<number>();
  let place = ordered.length - 1;
  const wanted = ordered[place]?.text;
  while (ordered[place]?.keeps) {
    place -= 1;
    const text = ordered[place]?.text;
    if (text === undefined) break;
    may.add(text);
  }
  return { wanted, may };
}

/** Handed out to one publisher, and to another before anybody had said what became of the first. */
export function wasTakenOver(events: readonly { is: string; try?: string }[]): boolean {
  return events.some((event, place) => {
    if (event.is !== 'sending') return false;
    const next = events.findIndex((later, after) => after > place && later.is === 'sending' && later.try !== event.try);
    return next > place && !events.slice(place + 1, next).some((between) => between.try === event.try);
  });
}
