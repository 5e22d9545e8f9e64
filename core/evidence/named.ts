/** Ids that rows name, found by the names of their fields, in what was signed as well. */

export interface Named {
  keys: Set<string>;
  /** Digests of lists of accounts. */
  lists: Set<string>;
  people: Set<string>;
  accounts: Set<string>;
}

const ofPeople = ['by', 'person', 'createdBy', 'writer', 'who'];

export function keysNamed(rows: readonly unknown[]): Named {
  const named: Named = { keys: new Set(), lists: new Set(), people: new Set(), accounts: new Set() };
  for (const row of rows) walk(row, named);
  return named;
}

function walk(value: unknown, named: Named): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') walk(inner, named);
    else if (name === 'statement') walk(read(inner), named);
    else if (name === 'key') named.keys.add(inner);
    else if (name === 'digest') named.lists.add(inner);
    else if (name === 'account') named.accounts.add(inner);
    else if (ofPeople.includes(name)) named.people.add(inner);
  }
}

/** What somebody wrote by hand in place of a statement is no statement; the verifier says so. */
function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
