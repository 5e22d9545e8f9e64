import { compareTexts } from './compare.js';
import { differences } from './words.js';
import type { RevisionContent } from '../releases/compose.js';

const told = (from: string, to: string) =>
  differences(from.split('\n'), to.split('\n'))
    .map(({ is, words }) => ({ same: words, added: `[+${words}+]`, removed: `[-${words}-]` })[is])
    .join('')
    .trim();

it('compares Chinese in words, not in paragraphs', () => {
  expect(told('定于12月1日停水，请储水。', '定于12月2日停水，请储水。')).toBe('定于12月[-1-][+2+]日停水，请储水。');
  expect(told('市民政局负责。', '市民政局和公安局负责。')).toContain('[+');
});

it('tells paragraphs that came and went whole, and leaves the others', () => {
  const parts = differences(['一', '二', '三'], ['一', '三', '四']);
  expect(parts).toEqual([
    { is: 'same', words: '一\n' },
    { is: 'removed', words: '二\n' },
    { is: 'same', words: '三\n' },
    { is: 'added', words: '四\n' },
  ]);
});

it('ends within seconds however long and different two texts are', () => {
  const text = (seed: number): string[] =>
    Array.from({ length: 4_000 }, (_, n) => `第${(n * 7919 * seed) % 9973}段${'字'.repeat((n * seed) % 37)}。`);
  const began = performance.now();
  const parts = differences(text(1), text(2));
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(
    parts
      .filter(({ is }) => is !== 'removed')
      .map(({ words }) => words)
      .join(''),
  ).toBe(`${text(2).join('\n')}\n`);
});

it('names every field that differs, down to the description of a picture', async () => {
  const text: RevisionContent = {
    kind: 'notice',
    language: 'zh-Hans',
    title: '甲',
    summary: '',
    body: '<p>一</p>',
    words: '',
    source: '市政府',
    columns: [],
    keywords: [],
    pictures: [{ hash: 'a'.repeat(64), alt: '旧说明', width: 1, height: 1 }],
    attachments: [],
  };
  const changed = { ...text, body: '<p>二</p>', pictures: text.pictures.map((one) => ({ ...one, alt: '新说明' })) };
  expect((await compareTexts(text, changed)).map(({ field }) => field)).toEqual(['pictures', 'body']);
  expect(await compareTexts(text, text)).toEqual([]);
});
