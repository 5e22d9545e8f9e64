/** The columns of an empty table to fill in: those of every account, and those that a channel takes. */
import { z } from 'zod';
import type { Channel } from '../../channels/channel.js';
import { accountShape } from './input.js';

interface Shown {
  type?: string;
  properties?: Record<string, Shown>;
  anyOf?: Shown[];
  oneOf?: Shown[];
}

export function accountColumns({ accountSchema }: Channel): string[] {
  const { columns, groups } = accountShape.layout;
  const free = groups.flatMap(({ key, names }) => {
    const schema = accountSchema[key === 'settings' ? 'settings' : 'credentials'];
    const shown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shown;
    return [...new Set(leavesOf(shown))].map((leaf) => `${names[0] ?? key}.${leaf}`);
  });
  return [...columns.map(({ key, names }) => names[0] ?? key), ...free];
}

/** What one cell can hold, in any variant; tables within tables are for JSON. */
function leavesOf(node: Shown): string[] {
  const own = Object.entries(node.properties ?? {}).filter(([, { type }]) => type !== 'object');
  return [...own.map(([name]) => name), ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(leavesOf)];
}
