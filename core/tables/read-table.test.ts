/** Tables as desks have them: every encoding, separator and sign of Excel, and what is wrong told by its row. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { workbook, type Cell } from '../../test/support/xlsx.js';
import { LianfaError } from '../errors.js';
import { readTable, type Layout, type Table } from './read-table.js';

const layout: Layout = {
  columns: [
    { key: 'id', names: ['编号'] },
    { key: 'name', names: ['名称', '姓名'] },
    { key: 'mail', names: ['邮箱'] },
    { key: 'unit', names: ['单位'] },
    { key: 'role', names: ['角色'] },
  ],
  groups: [{ key: 'settings', names: ['设置'] }],
};
const read = (file: Buffer | string): Promise<Table> => readTable(Buffer.from(file), layout);
const fixture = (name: string): Promise<Table> => read(readFileSync(join(__dirname, 'fixtures', name)));

/** Rows as `number: cells`, refused ones as `number! column`. */
const shown = ({ rows }: Table): string[] =>
  rows.map((row) =>
    'refused' in row ? `${row.row}! ${row.field}` : `${row.row}: ${[...row.cells.values()].join('|')}`,
  );
const told = (table: Table): string => table.told.map(({ zh }) => zh).join(' ');

async function reasonOf(file: Buffer | string): Promise<string> {
  const error: unknown = await read(file).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LianfaError);
  expect((error as LianfaError).code).toBe('table_unreadable');
  return (error as LianfaError).toJSON().message.zh;
}

const text = '编号,名称\nfz,福州市\n';
const encodings: [string, Buffer, string][] = [
  ['UTF-8', Buffer.from(text), 'UTF-8'],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${text}`), 'UTF-8'],
  ['UTF-16 little-endian with its mark', Buffer.from(`\ufeff${text}`, 'utf16le'), 'UTF-16 LE'],
  ['UTF-16 big-endian with its mark', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'UTF-16 BE'],
  ['UTF-16 little-endian', Buffer.from(text, 'utf16le'), 'UTF-16 LE'],
  ['UTF-16 big-endian', Buffer.from(text, 'utf16le').swap16(), 'UTF-16 BE'],
  ['GBK', iconv.encode(text, 'gbk'), 'GBK'],
  ['GB18030, with signs of four bytes', iconv.encode(`${text}yan,\u{20000}镇𫠆\n`, 'gb18030'), 'GB18030'],
];

it.each(encodings)('reads %s and tells it', async (_, bytes, name) => {
  const table = await read(bytes);
  expect(shown(table)[0]).toBe('2: fz|福州市');
  expect(told(table)).toContain(name);
  expect(JSON.stringify([...shown(table)])).not.toContain('\ufffd');
});

it('proves a long file piece by piece, whatever character a piece ends in', async () => {
  const rows = Array.from({ length: 9_000 }, (_, n) => `id-${n},名${'称'.repeat(n % 7)}\u{20000}镕`);
  const table = await read(iconv.encode(`id,name\n${rows.join('\n')}\n`, 'gb18030'));
  expect(shown(table)).toEqual(rows.map((row, n) => `${n + 2}: ${row.replace(',', '|')}`));
  const broken = iconv.encode(`id,name\n${rows.join('\n')}`, 'gbk');
  broken[broken.length - 10] = 0xff;
  expect(await reasonOf(broken)).toContain('文字编码不是');
});

it('never guesses: what is cut off within a character, or fits no encoding, is refused', async () => {
  const cut = iconv.encode('编号,名称\nfz,福州市', 'gbk');
  expect(await reasonOf(cut.subarray(0, cut.length - 1))).toContain('第 2 行的一个字中间断开');
  expect(await reasonOf(Buffer.concat([Buffer.from(text), Buffer.from([0xff])]))).toContain('文字编码不是');
  expect(await reasonOf(Buffer.from(`\ufeff${text}`, 'utf16le').subarray(0, 21))).toContain('一个字中间断开');
});

it.each([',', ';', '\t'])(
  'reads cells parted by %j, with quotes, line breaks and the separator inside',
  async (sign) => {
    const table = await read(['id', 'name'].join(sign) + `\r\na${sign}"甲${sign}""乙""\n丙"\r\nb${sign}丁\r\n`);
    expect(shown(table)).toEqual([`2: a|甲${sign}"乙"\n丙`, '3: b|丁']);
  },
);

it("takes Excel's own separator line for none of the rows", async () => {
  expect(shown(await read('sep=;\r\nid;name\r\na;甲,乙\r\n'))).toEqual(['2: a|甲,乙']);
});

it('knows columns by Chinese and English names, whatever people add to them, and tells those it does not use', async () => {
  const table = await read('*编号（必填）, ＮＡＭＥ ,设置.appId,settings.mass.enabled,备注\n1,甲,wx1,true,x\n');
  expect(table.columns).toEqual(['id', 'name', 'settings.appId', 'settings.mass.enabled']);
  expect(told(table)).toContain('未使用的列：备注');
});

it('refuses a file without a known column, with one twice, with full-width signs between, with a quote left open, or empty', async () => {
  expect(await reasonOf('a,b\n1,2\n')).toContain('第 1 行里没有认识的列名');
  expect(await reasonOf('id,编号\n1,2\n')).toContain('列“id”出现了两次');
  expect(await reasonOf('编号，名称\n1，甲\n')).toContain('全角标点');
  expect(await reasonOf('id,name\na,甲\nb,"乙\nc,丙\n')).toContain('第 3 行起的引号没有配对');
  expect(await reasonOf('\n\n')).toContain('空的');
  expect(await reasonOf('')).toContain('空的');
});

it("gives back what Excel's signs keep, and refuses by its row what Excel has thrown digits away of", async () => {
  const cells = ['="001"', "'002", '1.1E+11', '350922198001011000', '="350922198001011000"', '#N/A', '#####', '003'];
  expect(shown(await read(`id,name\n${cells.map((cell) => `"${cell.replaceAll('"', '""')}",甲`).join('\n')}`))).toEqual(
    ['2: 001|甲', '3: 002|甲', '4! id', '5! id', '6: 350922198001011000|甲', '7! id', '8! id', '9: 003|甲'],
  );
});

it('counts rows as the spreadsheet does, blank ones too, and stops for no row that is wrong', async () => {
  const table = await read(`\n编号,名称\n\n,,\na,甲,乙\nb，乙\n \nc,${'长'.repeat(10_001)}\nd\n`);
  expect(shown(table)).toEqual(['5! 3', '6! id', '8! name', '9: d']);
  expect(table.blank).toBe(4);
  expect(told(table)).toContain('跳过 4 个空行');
});

it('tells the rows in which something stands that nobody can see', async () => {
  expect(told(await read('id,name\na,甲\nb,乙\u0000\nc,丙\u000b丁\n'))).toContain('第 3、4 行有看不见的控制字符');
});

describe('a workbook', () => {
  const raw = (xml: string): Cell => ({ xml });

  it('is read from its first sheet, row by row as it shows them', async () => {
    const table = await read(workbook([['编号', '名称'], [], ['a', '甲'], ['', ''], ['b', 12]], [['x']], [['y']]));
    expect(shown(table)).toEqual(['3: a|甲', '5: b|12']);
    expect(table.blank).toBe(2);
    expect(told(table)).toContain('另有 2 张未读取');
  });

  it('has its rounded numbers, dates and exponents refused by row; text keeps its zeros', async () => {
    const table = await read(
      workbook([
        ['id', 'name'],
        [350922198001011234, '甲'],
        ['0012', '乙'],
        [raw('<c r="{at}" s="1"><v>45000</v></c>'), '丙'],
        [123456789012345, '丁'],
        [raw('<c r="{at}" t="b"><v>1</v></c>'), '戊'],
      ]),
    );
    expect(shown(table)).toEqual(['2! id', '3: 0012|乙', '4! id', '5: 123456789012345|丁', '6: TRUE|戊']);
  });

  it('is refused where it is broken, of an old Excel, or a document of another kind', async () => {
    expect(await reasonOf(Buffer.from('PK\x03\x04broken'))).toContain('.xlsx');
    expect(await reasonOf(workbook([['id']]).subarray(0, 400))).toContain('.xlsx');
    expect(await reasonOf(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).toContain('旧版 Excel');
    expect(await reasonOf(readFileSync(join(__dirname, '../documents/fixtures/notice.docx')))).toContain('.xlsx');
  });
});

it('reads the user lists that desks sent, in each encoding alike, and nothing of the one that was cut off', async () => {
  const [gbk, utf8, utf16] = await Promise.all(
    ['users-gbk.csv', 'users-utf8-bom.csv', 'users-semicolon-utf16le.csv'].map(fixture),
  );
  expect(gbk?.rows.length).toBeGreaterThan(10);
  expect(shown(utf8 as Table)).toEqual(shown(gbk as Table));
  expect(shown(utf16 as Table)).toEqual(shown(gbk as Table));
  expect(shown(await fixture('users-gb18030-rare.csv')).join()).toMatch(/镕|㐂|𠀀|测试/);
  await expect(fixture('users-gbk-cut.csv')).rejects.toMatchObject({ code: 'table_unreadable' });
});

it('stops at so many rows', async () => {
  expect(await reasonOf(`id,name\n${'a,b\n'.repeat(50_001)}`)).toContain('超过 50000 行');
});
