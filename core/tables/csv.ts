/** CSV as spreadsheets write it: comma, semicolon or tab, quotes and line breaks in cells, Excel's own signs. */
import { parse, CsvError } from 'csv-parse';
import { LianfaError } from '../errors.js';
import { cellOf } from './excel-signs.js';
import { bounds, breathe, type Line } from './table.js';

/** Characters handed to the parser in one go: a few milliseconds. */
const piece = 16 * 1024;

/** @throws LianfaError table_unreadable, with the row at which a quote opens that is not closed */
export async function readCsv(text: string): Promise<Line[]> {
  // Excel takes this line for itself and shows the next one as its first.
  const [own = '', separator = ''] = /^sep=(.)\r?\n/.exec(text) ?? [];
  const content = text.slice(own.length);
  const parser = parse({
    delimiter: separator || separatorOf(content),
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: bounds.columns * bounds.cell,
  });
  const lines: Line[] = [];
  const failed = new Promise<never>((_, fail) => parser.on('error', fail));
  failed.catch(() => undefined);
  parser.on('readable', () => {
    for (let record = next(); record; record = next()) lines.push({ row: lines.length + 1, cells: record.map(cellOf) });
  });
  const next = (): string[] | null => parser.read() as string[] | null;
  const ended = new Promise<void>((done) => parser.on('end', done));
  try {
    for (let at = 0; at < content.length; at += piece) {
      parser.write(content.slice(at, at + piece));
      await Promise.race([breathe(), failed]);
      if (lines.length > bounds.rows + 1) break;
    }
    parser.end();
    await Promise.race([ended, failed]);
  } catch (error) {
    parser.destroy();
    if (!(error instanceof CsvError)) throw error;
    throw notClosed(lines.length + 1, error);
  }
  return lines;
}

/** The sign that parts the first line with something in it, outside quotes; of two, the one that parts it more. */
function separatorOf(text: string): string {
  const first = (/[^\r\n,;\t ][^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const parts = (sign: string): number => first.split(sign).length;
  return [',', ';', '\t'].reduce((best, sign) => (parts(sign) > parts(best) ? sign : best));
}

function notClosed(row: number, cause: CsvError): LianfaError {
  const reason = {
    zh: `第 ${row} 行起的引号没有配对，后面的内容无法分清属于哪一格。`,
    en: `a quote that opens in row ${row} is not closed, so what follows belongs to no cell for sure.`,
  };
  return new LianfaError('table_unreadable', { reason }, { cause });
}
