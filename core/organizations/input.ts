/** Units as they are handed in. What a row leaves out stays as it is stored. */
import { z } from 'zod';
import { id } from '../ids.js';
import { clears, type Shape } from '../import-given.js';
import { line } from '../text.js';

export const unitRow = z.strictObject({
  id: id.regex(
    /^[a-z0-9][a-z0-9-]*$/,
    '只能用小写字母、数字和中间的连字符 / lower-case letters, digits and inner hyphens only',
  ),
  name: line(100).optional(),
  /** Null takes the unit to the top. */
  parent: id.nullish(),
  region: z
    .string()
    .regex(/^\d{6}$/, '应为 6 位行政区划代码 / must be the region code of six digits')
    .optional(),
});
export type UnitRow = z.infer<typeof unitRow>;

export const organizationImport = z.object({ organizations: z.array(unitRow).max(50_000) });

export const unitShape: Shape<UnitRow> = {
  list: 'organizations',
  schema: unitRow,
  tableSchema: unitRow,
  layout: {
    columns: [
      { key: 'id', names: ['单位编号', '编号', '单位代码'] },
      { key: 'name', names: ['单位名称', '名称', '单位'] },
      { key: 'parent', names: ['上级单位编号', '上级编号', '上级单位', '上级'] },
      { key: 'region', names: ['行政区划代码', '地区代码', '区划代码', '地区'] },
    ],
    groups: [],
  },
  ofCells: (cells) => ({
    ...Object.fromEntries(cells),
    ...(cells.get('parent') === clears && { parent: null }),
  }),
};
