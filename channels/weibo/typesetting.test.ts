import fc from 'fast-check';
import { breakEvenly, breakRows, widthOf } from './typesetting.js';

const rowsOf = (text: string, room: number): string[] => breakRows(text, { room: () => room });

describe('rows', () => {
  it('keep a number with its unit, and Latin words whole', () => {
    expect(rowsOf('生效时间为2026年11月24日', 9)).toEqual(['生效时间为2026年', '11月24日']);
    expect(rowsOf('opening hours change', 8)).toEqual(['opening hours', 'change']);
    expect(rowsOf('咨询电话9:00–17:00拨打', 6)).toEqual(['咨询电话', '9:00–17:00', '拨打']);
  });

  it('begin with no closing mark and end with no opening one', () => {
    const text = fc.string({
      unit: fc.constantFrom('字', '，', '。', '（', '）', '《', '》', 'ab', '12', '”', '“'),
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 9, max: 20 }), (words, room) => {
        // Three marks and more in a row have no place that suits all.
        fc.pre(!/[，。）》”（《“]{3}/u.test(words) && !/^[，。）》”（《“]+/u.test(words));
        const rows = rowsOf(words, room);
        for (const row of rows.slice(1)) expect(row).not.toMatch(/^[，。）》”]/u);
        for (const row of rows.slice(0, -1)) expect(row).not.toMatch(/[（《“]$/u);
      }),
    );
  });

  it('hold every character, in order, and none is wider than its room and one hanging mark', () => {
    const text = fc.string({
      unit: fc.constantFrom('字', '，', '。', '（', '》', 'word', '2026', '年', ' ', '🚨', '𠮷', '%'),
      maxLength: 120,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 18, max: 24 }), (words, room) => {
        const rows = rowsOf(words, room);
        expect(rows.join('').replaceAll(' ', '')).toBe(words.replaceAll(' ', ''));
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(room + 1);
      }),
    );
  });

  it('of a title are even and break no word', () => {
    expect(breakEvenly('示例市人民政府办公室关于优化高层次人才子女入学服务的若干措施（示例）', 16, true)).toEqual([
      '示例市人民政府办公室关于',
      '优化高层次人才子女入学',
      '服务的若干措施（示例）',
    ]);
    expect(breakEvenly('短标题', 16, true)).toEqual(['短标题']);
  });
});
