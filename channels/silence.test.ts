import { watchSilence } from './silence.js';

const host = 'https://hangs.example';

function watch() {
  let now = 0;
  const silence = watchSilence(() => now);
  return {
    begin: () => silence.begin(host),
    wait: (other = host) => silence.wait(other),
    later: (ms: number) => {
      now += ms;
    },
  };
}

describe('a host that does not answer', () => {
  it('is left alone from when four requests have waited for five seconds', () => {
    const { begin, wait, later } = watch();
    for (let n = 0; n < 4; n += 1) begin();
    later(4_999);
    expect(wait()).toBe(0);
    later(1);
    expect(wait()).toBe(5_000);
    expect(wait('https://well.example')).toBe(0);
  });

  it('is left alone as long as it has been silent, and not longer than five minutes', () => {
    const { begin, wait, later } = watch();
    for (let n = 0; n < 4; n += 1) begin();
    later(60_000);
    expect(wait()).toBe(60_000);
    later(3_600_000);
    expect(wait()).toBe(300_000);
  });

  it('stays so when its requests have timed out: only a few try it', () => {
    const { begin, wait, later } = watch();
    const ends = Array.from({ length: 4 }, begin);
    later(15_000);
    for (const end of ends) end(false);
    for (let n = 0; n < 4; n += 1) {
      expect(wait()).toBe(0);
      begin();
    }
    expect(wait()).toBe(15_000);
  });

  it('is asked again by everybody once it has answered', () => {
    const { begin, wait, later } = watch();
    const ends = Array.from({ length: 8 }, begin);
    later(10_000);
    expect(wait()).toBeGreaterThan(0);
    ends[0]?.(true);
    expect(wait()).toBe(0);
  });

  it('is not meant where some requests are slow and others are answered', () => {
    const { begin, wait, later } = watch();
    for (let n = 0; n < 4; n += 1) begin();
    for (let n = 0; n < 10; n += 1) {
      const end = begin();
      later(1_000);
      end(true);
    }
    expect(wait()).toBe(0);
  });

  it('is not meant where requests fail at once', () => {
    const { begin, wait, later } = watch();
    for (let n = 0; n < 50; n += 1) {
      const end = begin();
      later(10);
      end(false);
    }
    for (let n = 0; n < 4; n += 1) begin();
    expect(wait()).toBe(0);
  });
});
