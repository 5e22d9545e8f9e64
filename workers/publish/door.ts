/** The door of one step: asked right before each request, by freezes that are surely those in force. */
import { DoorClosed, type StepCall } from '../../channels/channel.js';
import { openIsGood } from '../../core/freezes/watch.js';
import type { Freeze } from '../../core/model/freeze.js';
import type { DoorAnswer } from '../../core/queue/claims.js';
import { lease } from './errand.js';
import type { InHand } from './hand.js';
import type { PublishMeans } from './means.js';

export interface Door {
  leave: StepCall['leave'];
  /** Why it would be closed to this step already; nothing where it may be open. It never opens it. */
  ahead(): Promise<Closed | undefined>;
  /** Something has left in this step. */
  left(): boolean;
  /** What the door itself answered last; a channel may close it too, where it sees something newer with its own eyes. */
  answer(): DoorAnswer | undefined;
  /** The freeze by which it was closed. */
  heldBy(): Freeze | undefined;
  /** The step is over. */
  end(): void;
}

type Closed = Exclude<DoorAnswer, 'open'>;

/** What is asked to leave. */
export interface Leaving {
  /** Nothing becomes public by it. A freeze lets that pass, for it is how a wrong text is taken away. */
  takesBack: boolean;
  /** From this instant on it may not, milliseconds since 1970. */
  until: number | undefined;
}

/** Looks after which it is left for later: freezes that change with every look, answers that all come too late. */
const mostLooks = 5;

export function doorOf(hand: InHand, { takesBack, until }: Leaving, { claims, freezes }: PublishMeans): Door {
  const { placement, token, handOut, lane } = hand;
  const step = {};
  let left = false;
  let answer: DoorAnswer | undefined;
  let holding: Freeze | undefined;
  const stopping = (): Freeze | undefined => (takesBack ? undefined : freezes.stopping(hand.at, lane));

  /** One look, by what is known of the freezes at this moment. */
  async function look(): Promise<DoorAnswer> {
    holding = stopping();
    const known = { freezes: freezes.version(), edition: freezes.edition(), frozen: holding !== undefined };
    const request = { placement, token, seq: handOut.seq, run: handOut.run, until, ...known };
    answer = await freezes.look(step, () => claims.door(request, lease));
    return answer;
  }

  /** Reads the freezes anew. Who cannot read the ledger does not send. */
  const learns = (): Promise<boolean> =>
    freezes.sync().then(
      () => true,
      () => false,
    );

  return {
    async leave() {
      for (let looks = 0; looks < mostLooks; looks += 1) {
        const asked = performance.now();
        const said = await look();
        if (said !== 'open' && said !== 'stale') throw new DoorClosed(said);
        if (said === 'stale' && !(await learns())) break;
        if (said === 'open' && performance.now() - asked < openIsGood) {
          left = true;
          return;
        }
      }
      throw new DoorClosed('stale');
    },
    async ahead() {
      // By this machine's clock, which may close it early but never opens it: whatever comes, the door goes by Redis'.
      if (until !== undefined && until <= Date.now()) return 'expired';
      for (let looks = 0; looks < mostLooks; looks += 1) {
        if (!stopping()) return undefined;
        // Asked as frozen, it never opens.
        const said = await look();
        if (said !== 'stale') return said === 'open' ? undefined : said;
        if (!(await learns())) break;
      }
      return 'stale';
    },
    left: () => left,
    answer: () => answer,
    heldBy: () => holding,
    end: () => freezes.ended(step),
  };
}
