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
  /** Degrees, WGS 84. Null takes it away. */
  position: z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).nullish(),
});
export type UnitRow = z.infer<typeof unitRow>;

/** In a table: two columns of degrees. */
const degrees = (most: number) =>
  z
    .string()
    .regex(/^[+-]?\d{1,3}(\.\d{1,15})?$/, '应为十进制度数，如 26.0745 / must be decimal degrees, like 26.0745')
    .transform(Number)
    .pipe(z.number().min(-most).max(most));
const unitCells = unitRow.extend({ position: z.strictObject({ lat: degrees(90), lon: degrees(180) }).nullish() });

export const organizationImport = z.object({ organizations: z.array(unitRow).max(50_000) });

export const unitShape: Shape<UnitRow> = {
  list: 'organizations',
  schema: unitRow,
  tableSchema: unitCells,
  layout: {
    columns: [
      { key: 'id', names: ['单位编号', '编号', '单位代码'] },
      { key: 'name', names: ['单位名称', '名称', '单位'] },
      { key: 'parent', names: ['上级单位编号', '上级编号', '上级单位', '上级'] },
      { key: 'region', names: ['行政区划代码', '地区代码', '区划代码', '地区'] },
      { key: 'lat', names: ['纬度', '北纬'] },
      { key: 'lon', names: ['经度', '东经'] },
    ],
    groups: [],
  },
  ofCells: (cells) => {
    const { lat, lon, ...row } = Object.fromEntries(cells);
    const isCleared = lat === clears && lon === clears;
    const position = isCleared ? null : lat === undefined && lon === undefined ? undefined : { lat, lon };
    return { ...row, ...(row['parent'] === clears && { parent: null }), position };
  },
};
