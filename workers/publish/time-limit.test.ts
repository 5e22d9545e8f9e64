import { timeLimit } from './time-limit.js';

describe('the time limit of a call', () => {
  it('is shared by calls that begin within a second, and never shorter than was asked', () => {
    const first = timeLimit(60, 1_000);
    expect(timeLimit(60, 1_999)).toBe(first);
    expect(timeLimit(60, 2_000)).not.toBe(first);
    expect(timeLimit(30, 2_000)).not.toBe(timeLimit(60, 2_000));
  });

  it('ends', async () => {
    const signal = timeLimit(0);
    await new Promise((ended) => {
      signal.addEventListener('abort', ended);
    });
    expect((signal.reason as Error).name).toBe('TimeoutError');
  });
});
