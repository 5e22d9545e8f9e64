import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { NoTurn, openTurns, type Bounds, type Turns } from './turns.js';

const most: Bounds = { lane: 4, channel: 3, host: 2, brisk: 60_000, waiting: 3, few: 1, held: 6 };

const one = { channel: 'a', host: 'one' };

/** Works that end when told to; `begun` in the order in which they began. */
function desk(turns: Turns) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    ask(name: string, channel: string, host = channel): void {
      void turns.take({ channel, host }, () => {
        begun.push(name);
        return new Promise<void>((end) => ends.set(name, end));
      });
    },
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await turn();
    },
  };
}

describe('turns of a lane', () => {
  it('let in no more than the lane, a channel and a host may have', () => {
    const { begun, ask } = desk(openTurns(most));
    for (const n of [1, 2, 3]) ask(`a${n}`, 'a', 'one');
    expect(begun).toEqual(['a1', 'a2']);
    for (const n of [4, 5]) ask(`a${n}`, 'a', 'other');
    expect(begun).toEqual(['a1', 'a2', 'a4']);
    for (const n of [1, 2]) ask(`b${n}`, 'b', 'third');
    expect(begun).toEqual(['a1', 'a2', 'a4', 'b1']);
  });

  it('go round the channels, and within a channel round its hosts', async () => {
    const { begun, ask, end } = desk(openTurns({ ...most, lane: 1, channel: 1 }));
    ask('first', 'a', 'one');
    for (const n of [1, 2, 3]) ask(`a-one-${n}`, 'a', 'one');
    ask('a-other', 'a', 'other');
    for (const n of [1, 2]) ask(`b${n}`, 'b');
    for (const name of ['first', 'a-one-1', 'b1', 'a-other', 'b2', 'a-one-2']) await end(name);
    expect(begun).toEqual(['first', 'a-one-1', 'b1', 'a-other', 'b2', 'a-one-2', 'a-one-3']);
  });

  it('pass over what takes long: it counts for its host alone', async () => {
    const { begun, ask } = desk(openTurns({ ...most, brisk: 20 }));
    for (const n of [1, 2, 3]) ask(`hangs${n}`, 'a', 'hangs');
    for (const n of [1, 2]) ask(`slow${n}`, 'b', 'slow');
    expect(begun).toEqual(['hangs1', 'hangs2', 'slow1', 'slow2']);
    for (const n of [1, 2]) ask(`well${n}`, 'a', 'well');
    expect(begun).toHaveLength(4);
    while (!begun.includes('well2')) await pause(5);
    expect(begun).not.toContain('hangs3');
  });

  it('come to nobody any more once they are closed; what has begun goes on', async () => {
    const turns = openTurns(most);
    const { begun, ask, end } = desk(turns);
    for (const n of [1, 2]) ask(`a${n}`, 'a');
    const waits = Array.from({ length: 3 }, () => turns.take({ channel: 'a', host: 'a' }, () => Promise.resolve()));
    const batch = turns.room('a', 100);
    turns.close();
    const lost = await Promise.allSettled([
      ...waits,
      batch,
      turns.room('b', 1),
      turns.take(one, () => Promise.resolve()),
    ]);
    expect(lost.map((each) => each.status === 'rejected' && (each.reason as unknown))).toEqual(
      Array.from({ length: 6 }, () => expect.any(NoTurn) as unknown),
    );
    await end('a1');
    expect(begun).toEqual(['a1', 'a2']);
  });

  it('answer and fail as the work does, and go on after it', async () => {
    const turns = openTurns({ ...most, lane: 1 });
    const from = { channel: 'a', host: 'one' };
    const broken = turns.take(from, () => Promise.reject(new Error('broken')));
    const sound = turns.take(from, () => Promise.resolve('sound'));
    await expect(broken).rejects.toThrow('broken');
    await expect(sound).resolves.toBe('sound');
  });

  it.each([
    { what: 'enough of it waits', bounds: { ...most, waiting: 4 } },
    { what: 'it has its fill in flight', bounds: { ...most, held: 6, waiting: 100 } },
  ])('keep further batches of a channel outside while $what, and not those of others', async ({ bounds }) => {
    const turns = openTurns(bounds);
    const { ask, end } = desk(turns);
    for (let n = 0; n < 6; n += 1) ask(`a${n}`, 'a');
    let inside = false;
    void turns.room('a', 2).then(() => {
      inside = true;
    });
    await turns.room('b', 2);
    await turn();
    expect(inside).toBe(false);
    await end('a0');
    expect(inside).toBe(true);
  });

  it('let a few in beside what waits, and not beyond what a channel may hold', async () => {
    const [waits, held] = [openTurns(most), openTurns({ ...most, waiting: 100 })];
    const { ask } = desk(waits);
    for (let n = 0; n < 5; n += 1) ask(`a${n}`, 'a');
    await waits.room('a', most.few);
    const full = desk(held);
    for (let n = 0; n < most.held; n += 1) full.ask(`a${n}`, 'a');
    let inside = false;
    void held.room('a', most.few).then(() => {
      inside = true;
    });
    await turn();
    expect(inside).toBe(false);
    await full.end('a0');
    expect(inside).toBe(true);
  });
});
