/** A plain matcher for the property test, written apart from the product's: by cases on the answer, not by operators on a tree. */
export type Field = null | number | string | boolean | Date | Field[] | { [name: string]: Field };
export interface Row {
  _id: string;
  [name: string]: Field;
}

type Kind = 'null' | 'number' | 'string' | 'object' | 'array' | 'boolean' | 'date';

function kindOf(value: Field | undefined): Kind {
  if (value === undefined || value === null) return 'null';
  if (value instanceof Date) return 'date';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'number' || kind === 'string' || kind === 'boolean' ? kind : 'object';
}

/** A text that is the same for equal values only. */
function print(value: Field | undefined): string {
  const kind = kindOf(value);
  if (kind === 'array') return `[${(value as Field[]).map(print).join()}]`;
  if (kind === 'object')
    return `{${Object.entries(value as Record<string, Field>)
      .map(([name, inner]) => `${name}:${print(inner)}`)
      .join()}}`;
  return kind === 'null' ? kind : `${kind} ${value instanceof Date ? value.getTime() : JSON.stringify(value)}`;
}

function reach(value: Field | undefined, path: readonly string[]): (Field | undefined)[] {
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  if (kindOf(value) === 'object') return reach((value as Record<string, Field>)[name], rest);
  if (Array.isArray(value))
    return value
      .filter((element) => kindOf(element) === 'object')
      .flatMap((element) => reach((element as Record<string, Field>)[name], rest));
  return [undefined];
}

function holds(values: (Field | undefined)[], operator: string, operand: Field): boolean {
  const candidates = values.flatMap((value) => (Array.isArray(value) ? [value, ...value] : [value]));
  switch (operator) {
    case '$eq':
      return candidates.some((value) => print(value) === print(operand));
    case '$in':
      return (operand as Field[]).some((one) => holds(values, '$eq', one));
    case '$exists':
      return values.some((value) => value !== undefined) === operand;
    default:
      return candidates.some((value) => {
        if (kindOf(value) !== kindOf(operand) || value === undefined || value === null || operand === null)
          return false;
        const [left, right] =
          typeof value === 'string' && typeof operand === 'string'
            ? [Buffer.from(value).toString('hex'), Buffer.from(operand).toString('hex')]
            : [Number(value), Number(operand)];
        return operator === '$gt'
          ? left > right
          : operator === '$gte'
            ? left >= right
            : operator === '$lt'
              ? left < right
              : left <= right;
      });
  }
}

export type Filter = { [path: string]: Field } | { $or: Filter[] } | { $and: Filter[] };

function isTest(value: unknown): value is { [operator: string]: Field } {
  return kindOf(value as Field) === 'object' && Object.keys(value as object).some((name) => name.startsWith('$'));
}

export function accepts(filter: Filter, row: Row): boolean {
  return Object.entries(filter).every(([key, value]) => {
    if (key === '$or') return (value as Filter[]).some((inner) => accepts(inner, row));
    if (key === '$and') return (value as Filter[]).every((inner) => accepts(inner, row));
    const tests = isTest(value) ? Object.entries(value) : [['$eq', value] as const];
    return tests.every(([operator, operand]) => holds(reach(row, key.split('.')), operator, operand));
  });
}
