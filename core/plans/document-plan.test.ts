/** What a document says of when it goes out, from its front matter on. */
import { DroppedList } from '../body/dropped.js';
import { splitFrontMatter } from '../documents/front-matter.js';
import { planIn } from '../documents/header-plan.js';
import { documentPlan } from './document-plan.js';

const now = new Date('2026-11-29T06:00:00Z');

function read(...lines: string[]): unknown {
  const text = ['---', 'title: 通知', ...lines, '---', '正文'].join('\n');
  try {
    return documentPlan(planIn(splitFrontMatter(text, new DroppedList())), now);
  } catch (error) {
    return error;
  }
}
const at = (text: string) => new Date(text);

it.each([
  [['publishAt: 2026-12-01 09:00'], { notBefore: at('2026-12-01T01:00:00Z') }],
  [['发布时间：2026年12月1日9时'], { notBefore: at('2026-12-01T01:00:00Z') }],
  [['publishAt: 2026-12-01T09:00:00+00:00'], { notBefore: at('2026-12-01T09:00:00Z') }],
  [
    ['publishAt: 2026-12-01', 'expires: 2026-12-01'],
    { notBefore: at('2026-11-30T16:00:00Z'), expires: at('2026-12-01T16:00:00Z') },
  ],
  [['截止时间: 2026-11-30 18:00'], { expires: at('2026-11-30T10:00:00Z') }],
  [['publishAt:', 'expires: ~'], {}],
])('reads %j', (lines, plan) => {
  expect(read(...lines)).toEqual(plan);
});

it.each([
  [['source: 市政府', 'publishAt: 明天上午'], 'publishAt', '第 4 行', '“明天上午”不是时间'],
  [['publishAt: 2026-11-29 13:59'], 'publishAt', '第 3 行', '已经过去'],
  [['发布时间: 2026-11-28'], '发布时间', '第 3 行', '已经过去'],
  [['expires: 2026-11-29 13:00'], 'expires', '第 3 行', '应晚于现在'],
  [['publishAt: 2026-12-02', 'expires: 2026-12-01'], 'expires', '第 4 行', '应晚于发布时间'],
])('refuses %j by its field, its line and the reason', (lines, field, line, words) => {
  const error = read(...lines) as { code: string; field: string; details: { reason: { zh: string; en: string } } };
  expect(error).toMatchObject({ code: 'field_invalid', field });
  expect(error.details.reason.zh).toContain(line);
  expect(error.details.reason.zh).toContain(words);
  expect(error.details.reason.en).toMatch(/line \d/);
});

it('refuses the same thing said under both names', () => {
  expect(read('publishAt: 2026-12-01', '发布时间: 2026-12-01')).toMatchObject({
    code: 'field_invalid',
    field: '发布时间',
  });
});
