/** A file of accounts into rows. CSV columns with a dot (`settings.site`) become nested values. */
import { parse } from 'csv-parse/browser/esm/sync';

export interface AccountFile {
  rows: unknown[];
  /** True where it was not UTF-8 and read as GBK, as Excel saves it in Chinese. */
  gbk: boolean;
}

/** @throws Error where it is neither CSV nor JSON. */
export async function readAccountFile(file: File): Promise<AccountFile> {
  const { text, gbk } = decode(await file.arrayBuffer());
  return { rows: /^\s*[[{]/.test(text) ? fromJson(text) : fromCsv(text), gbk };
}

function decode(bytes: ArrayBuffer): { text: string; gbk: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), gbk: false };
  } catch {
    return { text: new TextDecoder('gb18030', { fatal: true }).decode(bytes), gbk: true };
  }
}

function fromJson(text: string): unknown[] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null && 'accounts' in value && Array.isArray(value.accounts))
    return value.accounts;
  throw new Error('no list of accounts');
}

function fromCsv(text: string): unknown[] {
  const records: Record<string, string>[] = parse(text, {
    bom: true,
    columns: true,
    skip_empty_lines: true,
    trim: true,
  });
  if (records[0] && !('channel' in records[0])) throw new Error('no column "channel"');
  return records.map((record) => {
    const row: { settings: Record<string, string>; credentials: Record<string, string>; [column: string]: unknown } = {
      settings: {},
      credentials: {},
    };
    for (const [column, value] of Object.entries(record)) {
      if (value === '') continue;
      if (column.startsWith('settings.')) row.settings[column.slice('settings.'.length)] = value;
      else if (column.startsWith('credentials.')) row.credentials[column.slice('credentials.'.length)] = value;
      else if (column === 'tags')
        row['tags'] = value
          .split(/[;；]/)
          .map((tag) => tag.trim())
          .filter(Boolean);
      else row[column] = value;
    }
    return row;
  });
}
