/** People as a table names them: 姓名, 邮箱, 单位, 角色. */
import { z } from 'zod';
import { listed } from '../accounts/input.js';
import { id } from '../ids.js';
import { invalid, type Shape } from '../import-given.js';
import { roleNames, roles, type Role } from '../model/roles.js';
import { line, lineOrNone } from '../text.js';

export const personRow = z.strictObject({
  displayName: line(60),
  /** Checked by itself, so that the sentence says what is wrong with it. */
  address: lineOrNone(200),
  /** Id of the unit; the hub as a whole where absent. */
  organization: id.optional(),
  /** Over that unit, by their id or name. */
  roles: z.array(line(40)).max(roles.length).default([]),
});
export type PersonRow = z.infer<typeof personRow>;

export const peopleImport = z.object({ people: z.array(personRow).max(50_000) });

export const personShape: Shape<PersonRow> = {
  list: 'people',
  schema: personRow,
  tableSchema: personRow,
  layout: {
    columns: [
      { key: 'displayName', names: ['姓名', '名字'] },
      { key: 'address', names: ['邮箱', '电子邮箱', '邮件地址'] },
      { key: 'organization', names: ['单位', '单位编号', '所属单位'] },
      { key: 'role', names: ['角色', '岗位'] },
    ],
    groups: [],
  },
  ofCells: (cells) => {
    const { role, ...rest } = Object.fromEntries(cells);
    return { address: '', ...rest, ...(role !== undefined && { roles: listed(role) }) };
  },
};

/** @throws LianfaError field_invalid */
export function roleNamed(written: string): Role {
  const found = roles.find((role) => [role, roleNames[role].zh, roleNames[role].en].includes(written));
  if (!found)
    throw invalid('role', {
      zh: `没有“${written}”这个角色；可用：${roles.map((role) => roleNames[role].zh).join('、')}。`,
      en: `there is no role "${written}"; known are ${roles.join(', ')}.`,
    });
  return found;
}
