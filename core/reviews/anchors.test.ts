import type { Anchor } from '../model/comment.js';
import { spotOf } from './anchors.js';

const anchor: Anchor = { block: 1, quote: '12月1日停水', prefix: '定于', suffix: '，请储水。' };
const before = ['各位居民：', '定于12月1日停水，请储水。', '联系电话 12345。'];

it('finds a passage where it was, and others stay in place when one is rewritten', () => {
  expect(spotOf(before, anchor)).toEqual({ is: 'there', block: 1, start: 2, end: 9 });
  expect(spotOf([before[0] ?? '', before[1] ?? '', '改过的一段'], anchor)).toMatchObject({ is: 'there' });
});

it.each<[string, string[], ReturnType<typeof spotOf>]>([
  ['rewritten', ['各位居民：', '定于12月2日停电。'], { is: 'changed' }],
  ['removed', ['各位居民：', '联系电话 12345。'], { is: 'changed' }],
  ['moved', ['定于12月1日停水，请储水。', '各位居民：'], { is: 'moved', block: 0, start: 2, end: 9 }],
  ['split', ['各位居民：', '定于12月1日停水', '，请储水。'], { is: 'moved', block: 1, start: 2, end: 9 }],
  ['among other words', ['各位居民：', '原定12月1日停水，改期。'], { is: 'moved', block: 1, start: 2, end: 9 }],
])('keeps a passage that was %s', (_, blocks, spot) => {
  expect(spotOf(blocks, anchor)).toEqual(spot);
});

it('tells one of two same passages from the other by what stands beside it', () => {
  const twice = ['12月1日停水的通知', '定于12月1日停水，请储水。'];
  expect(spotOf(twice, { ...anchor, block: 0 })).toMatchObject({ is: 'moved', block: 1 });
});
