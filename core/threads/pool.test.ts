/** A long document is handled beside the event loop, and a hostile one is refused by name while everything else goes on. */
import { LianfaError } from '../errors.js';
import { tasks } from '../body/tasks.js';
import { beside, closeThreads, longFrom } from './pool.js';

afterAll(closeThreads);

const long = '<p>甲</p>'.repeat(longFrom);

it('cleans the same in a thread as beside it, with the same account of what went', async () => {
  const html = `${long.slice(0, 9 * 4_000)}<p onclick="a()">10<sup>4</sup><iframe></iframe></p><!-- 注 -->`;
  const there = await beside(tasks.clean, { html, known: [] }, html.length);
  const here = await beside(tasks.clean, { html, known: [] }, 0);
  expect(there).toEqual(here);
  expect(there.lost.map(({ kind }) => kind)).toEqual(['handler', 'embed', 'comment']);
});

const hostile: [string, string][] = [
  ['tables in cells', '<table><tr><td>'.repeat(2_000)],
  ['divisions', '<div>'.repeat(100_000)],
  ['attributes', `<p ${Array.from({ length: 60_000 }, (_, n) => `a${n}`).join(' ')}>甲`],
  ['formatting', '<a>甲<b><i><u><p>'.repeat(30_000)],
  ['paragraphs', '<p>甲'.repeat(200_000)],
];

it.each(hostile)('refuses %s by name, in a thread and not in the process that answers', async (_, html) => {
  const here = jest.spyOn(tasks.clean, 'run');
  const error = await beside(tasks.clean, { html, known: [] }, html.length).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LianfaError);
  expect((error as LianfaError).code).toMatch(/^document_(too_deep|too_large|takes_too_long)$/);
  expect(here).not.toHaveBeenCalled();
});
