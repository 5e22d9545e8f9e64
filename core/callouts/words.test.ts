/** What somebody who is called reads: one letter for all of a list, and nothing that matters is ever cut. */
import type { Callout, CalloutItem, CalloutMessage } from '../model/callout.js';
import { letterOf, shortFields } from './words.js';

const item = (id: string, title: string): CalloutItem => ({
  ...{
    id,
    title,
    placement: id,
    release: 'r',
    account: id,
    accountName: `账号${id}`,
    channel: 'relay',
    reason: 'hand',
  },
  ...{ since: new Date(0), state: 'open', todo: { zh: `去办${id}。`, en: `do ${id}.` } },
});
const message = { n: 1, kind: 'call' } as CalloutMessage;
const list = (titles: string[], exercise = false): Callout =>
  ({
    unitName: '示例县',
    items: titles.map((title, n) => item(`k${n}`, title)),
    ...(exercise && { exercise }),
  }) as Callout;

it('lists all that is open, with what to do for each, behind one link', () => {
  const row = list(['台风红色预警', '停水通知', '停电通知'], true);
  const [first] = row.items;
  const some: Callout = {
    ...row,
    items: row.items.map((one) => (one === first ? { ...one, state: 'answered' } : one)),
  };
  const { subject, text } = letterOf(row, message, 'https://hub.example/receipts#t');
  expect(subject).toMatch(/^【演练 Exercise】.*《台风红色预警》等 3 项/);
  for (const words of ['账号k0', '账号k1', '账号k2', '去办k2。']) expect(text).toContain(words);
  expect(text.match(/https:/g)).toHaveLength(1);
  expect(letterOf(some, message, '-').text).toMatch(/《停水通知》等 2 项/);
});

it.each(['𠮷', 'e\u0301', '👨‍👩‍👧'])(
  'cuts a short text before %s and never its mark, its link or how many there are',
  (sign) => {
    for (let before = 0; before < 40; before += 1) {
      const title = `${'台'.repeat(before)}${sign}${'风'.repeat(40)}`;
      const fields = shortFields(list([title, '其他', '再一件'], true), 'k0.1.token', 20);
      expect(fields).toMatchObject({ mark: '演练', token: 'k0.1.token' });
      expect(fields.title.length).toBeLessThanOrEqual(20);
      expect(fields.title).toMatch(/等3项$/);
      expect(fields.title).not.toMatch(/\p{Surrogate}/u);
      expect([...fields.title].some((one) => sign.includes(one) && !'台风'.includes(one))).toBe(
        fields.title.includes(sign),
      );
    }
  },
);
