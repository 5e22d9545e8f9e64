/** Accounts as they are handed in. What a row leaves out stays as it is stored. */
import { z } from 'zod';
import { id } from '../ids.js';
import { clears, type Shape } from '../import-given.js';
import { line } from '../text.js';

const values = z.record(z.string(), z.unknown());

export const accountRow = z.strictObject({
  channel: line(40),
  name: line(100),
  organization: id,
  /** Null takes all of them away. */
  tags: z.array(line(40)).max(20).nullish(),
  /** 演练账号: no public reads it, so drills may be sent there. Null as false. */
  exercise: z.boolean().nullish(),
  /** As a whole; a table gives them cell by cell instead. */
  settings: values.optional(),
  /** As a whole. Without any the stored ones stay, unless they would now be sent elsewhere; null takes them away. */
  credentials: values.nullish(),
  /** Of a table: settings and credentials by their column, `settings.appId`; null empties. */
  cells: z.record(z.string(), z.string().nullable()).optional(),
});
export type ImportRow = z.infer<typeof accountRow>;

const jsonRow = accountRow.omit({ cells: true });

/** As the API takes them. */
export const accountImport = z.object({ accounts: z.array(jsonRow).max(50_000) });

const groups = [
  { key: 'settings', names: ['设置'] },
  { key: 'credentials', names: ['凭据', '凭证'] },
] as const;

export const accountShape: Shape<ImportRow> = {
  list: 'accounts',
  schema: jsonRow,
  tableSchema: accountRow,
  layout: {
    columns: [
      { key: 'channel', names: ['渠道'] },
      { key: 'name', names: ['账号名称', '名称', '账号'] },
      { key: 'organization', names: ['单位编号', '所属单位编号', '所属单位', '单位'] },
      { key: 'tags', names: ['标签'] },
      { key: 'exercise', names: ['演练账号'] },
    ],
    groups,
  },
  ofCells: (cells) => {
    const { tags, exercise, ...rest } = Object.fromEntries([...cells].filter(([column]) => !isFree(column)));
    const free = [...cells].filter(([column]) => isFree(column));
    return {
      ...rest,
      ...(tags !== undefined && { tags: tags === clears ? null : listed(tags) }),
      ...(exercise !== undefined && {
        exercise: exercise === clears ? null : (yesOrNo[exercise.toLowerCase()] ?? exercise),
      }),
      cells: Object.fromEntries(free.map(([column, cell]) => [column, cell === clears ? null : cell])),
    };
  },
};

const yesOrNo: Readonly<Record<string, boolean>> = {
  是: true,
  yes: true,
  true: true,
  否: false,
  no: false,
  false: false,
};

function isFree(column: string): boolean {
  return groups.some(({ key }) => column.startsWith(`${key}.`));
}

/** Several words in one cell. */
export function listed(cell: string): string[] {
  return cell
    .split(/[;；、]/)
    .map((word) => word.trim())
    .filter(Boolean);
}
