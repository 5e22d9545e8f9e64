/** Text that grows takes work that grows with it and no faster, in every reader: counted by what is run, never by the clock. */
import { canonical, plainText } from '../../core/body/canonical.js';
import { markdownToHtml } from '../../core/body/markdown/markdown.js';
import { textToHtml } from '../../core/body/text.js';
import { splitFrontMatter } from '../../core/documents/front-matter.js';
import { splitHeading } from '../../core/documents/html.js';
import { DroppedList } from '../../core/body/dropped.js';
import { LianfaError } from '../../core/errors.js';
import { tidyText } from '../../core/text.js';
import { workOf } from '../support/work.js';
import { growing } from './payloads.js';

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  HTML: (text) => canonical(splitHeading(text).html, new Set()),
  'the words of HTML': plainText,
  Markdown: (text) => canonical(markdownToHtml(text, new DroppedList()), new Set()),
  text: (text) => canonical(textToHtml(tidyText(text)), new Set()),
  'front matter': (text) =>
    splitFrontMatter(
      `---\ntitle: ${JSON.stringify(text)}\nsummary: |\n  ${text.replaceAll('\n', '\n  ')}\n---\n`,
      new DroppedList(),
    ),
};

/** Deeper or larger than a bound: refused by its name, for less work than reading it. */
function within(read: (text: string) => unknown, text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof LianfaError)) throw error;
  }
}

const cases = Object.keys(readers).flatMap((reader) => Object.keys(growing).map((kind) => [reader, kind] as const));

it.each(cases)('%s takes work in proportion to its length: %s', (reader, kind) => {
  const [read, make] = [readers[reader], growing[kind]];
  if (!read || !make) throw new Error('no such case');
  const work = (length: number): number => workOf(() => within(read, make(length)));
  // What is made once is made before it counts.
  within(read, make(1_000));
  const times = (): number => work(16_000) / work(2_000);
  // Of eight times as much: 8 where it is linear, 64 where it grows with the square. What the engine does of its own
  // accord may fall into one counting; what grows faster does so in each.
  let least = times();
  for (let again = 0; least >= 16 && again < 2; again += 1) least = Math.min(least, times());
  expect(least).toBeGreaterThan(0);
  expect(least).toBeLessThan(16);
});

it('tells work that grows faster from work that does not', () => {
  const square = (n: number) => (): void => {
    for (let a = 0; a < n; a += 1) for (let b = 0; b < n; b += 1) Math.max(a, b);
  };
  expect(workOf(square(200)) / workOf(square(100))).toBeGreaterThan(3.5);
});
