import { cut, smsLength } from './sms-length.js';

it('counts 7-bit text with its extension table, and one sign beyond it makes all of it UCS-2', () => {
  expect(smsLength('a'.repeat(160))).toEqual({ coding: 'gsm', units: 160, parts: 1 });
  expect(smsLength('a'.repeat(161)).parts).toBe(2);
  expect(smsLength('€'.repeat(80)).parts).toBe(1);
  expect(smsLength(`${'a'.repeat(159)}€`)).toEqual({ coding: 'gsm', units: 161, parts: 2 });
  expect(smsLength(`${'a'.repeat(70)}中`)).toEqual({ coding: 'ucs2', units: 71, parts: 2 });
  expect(smsLength('中'.repeat(70)).parts).toBe(1);
});

it.each([
  [69, 1],
  [70, 2],
  [133, 2],
  [134, 3],
])('never parts a character of four bytes that stands at unit %i: %i parts', (before, parts) => {
  // 𠮷 has two units; from 71 on, a part holds 67.
  const text = `${'中'.repeat(before - 1)}𠮷`;
  expect(smsLength(text)).toEqual({ coding: 'ucs2', units: before + 1, parts });
});

it('keeps an escape of the extension table whole at the end of a part', () => {
  expect(smsLength(`${'a'.repeat(152)}€${'a'.repeat(152)}`).parts).toBe(3);
});

it.each(['𠮷', 'e\u0301', '👨‍👩‍👧'])('cuts before %s, never within it', (sign) => {
  for (let most = 2; most < 30; most += 1) {
    const text = cut(`${'台'.repeat(10)}${sign}${'风'.repeat(20)}`, most);
    expect(text.length).toBeLessThanOrEqual(most);
    expect(text).not.toMatch(/\p{Surrogate}/u);
    expect([...text].some((one) => sign.includes(one) && one !== '台')).toBe(text.includes(sign));
  }
  expect(cut('台风', 2)).toBe('台风');
});
