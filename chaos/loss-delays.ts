/** How long deliveries waited for a host that was gone. */

export interface Wave {
  name: string;
  /** ms, of the clock. */
  askedAt: number;
}

export interface Delays {
  /** s from the loss until the platforms took the first text that was ordered after it. */
  onS: number;
  /** Longest, s, from an order until a platform took its text. */
  longestS: number;
}

/** `takes`: when each text was first taken on each account. `gone`: ms, of the clock. */
export function delaysOf(waves: readonly Wave[], takes: readonly { name: string; at: number }[], gone: number): Delays {
  const askedAt = new Map(waves.map((wave) => [wave.name, wave.askedAt]));
  const ordered = takes.flatMap(({ name, at }) => {
    const asked = askedAt.get(name);
    return asked === undefined ? [] : [{ at, asked }];
  });
  const later = ordered.filter(({ asked }) => asked >= gone).map(({ at }) => at);
  return {
    onS: seconds(Math.min(...later) - gone),
    longestS: seconds(Math.max(...ordered.map(({ at, asked }) => at - asked))),
  };
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Whether anything was delivered at all, and something of what was ordered after the loss. */
export function wentOn({ deliveries, onS }: Pick<Delays, 'onS'> & { deliveries: number }): boolean {
  return deliveries > 0 && Number.isFinite(onS);
}
