/** MongoDB's updates, `$set` and `$unset`, on a parsed document. */
import { checkPath, type Condition } from './filter.js';
import { codes, refuse, serverError } from './errors.js';
import { compare, copyOf, isPlainObject, rankOf, type Document } from './values.js';

const operators = ['$set', '$unset'] as const;
type Operator = (typeof operators)[number];

interface Change {
  operator: Operator;
  path: string;
  value: unknown;
}

/** An update, read and checked: its changes in MongoDB's order, by path. */
export type Update = readonly Change[];

/** Reads an update of operators. Throws `UnsupportedByStore` outside the surface, MongoDB's error 40 where two changes meet on one path. */
export function readUpdate(update: unknown): Update {
  if (!isPlainObject(update)) return refuse('an update that is no plain object (a pipeline)');
  const changes: Change[] = [];
  for (const [name, fields] of Object.entries(update)) {
    const operator = operators.find((known) => known === name);
    if (!operator)
      return refuse(
        name.startsWith('$') ? `the update operator ${name}` : 'an update without operators: use replaceOne',
      );
    if (!isPlainObject(fields)) return refuse(`${name} with something else than fields`);
    for (const [path, value] of Object.entries(fields)) {
      checkPath(path);
      if (value !== undefined) changes.push({ operator, path, value });
    }
  }
  changes.sort((left, right) => compare(left.path, right.path));
  changes.forEach((change, index) => {
    const before = changes[index - 1];
    if (before && (change.path === before.path || change.path.startsWith(`${before.path}.`))) {
      throw serverError(
        codes.conflictingUpdate,
        `Updating the path '${change.path}' would create a conflict at '${before.path}'`,
      );
    }
  });
  return changes;
}

/** Carries the update out on `document` itself. */
export function apply(update: Update, document: Document): void {
  const id = document['_id'];
  for (const change of update) applyOne(change, document);
  if (id !== undefined && document['_id'] !== id) {
    throw serverError(
      codes.immutableField,
      `Performing an update on the path '_id' would modify the immutable field '_id'`,
    );
  }
}

function applyOne({ operator, path, value }: Change, document: Document): void {
  const parts = path.split('.');
  const name = parts.pop() ?? path;
  const holder = holderOf(document, parts, path, operator === '$set');
  if (!holder) return;
  if (operator === '$set') holder[name] = copyOf(value);
  else delete holder[name];
}

/** The object that holds the last part of a path, made on the way where `making`. */
function holderOf(document: Document, parts: readonly string[], path: string, making: boolean): Document | undefined {
  let holder = document;
  for (const part of parts) {
    let next = Object.hasOwn(holder, part) ? holder[part] : undefined;
    if (next === undefined && making) {
      next = {};
      holder[part] = next;
    }
    if (!isPlainObject(next)) {
      if (!making) return undefined;
      throw serverError(
        codes.pathNotViable,
        `Cannot create field in element {${part}: ${JSON.stringify(next)}} (path '${path}')`,
      );
    }
    holder = next;
  }
  return holder;
}

/** The document an upsert starts from: what the filter fixes by equality. */
export function seedOf(condition: Condition): Document {
  const seed: Document = {};
  const collect = (part: Condition): void => {
    if (part.kind === 'and') part.all.forEach(collect);
    if (part.kind !== 'in' || part.values.length !== 1) return;
    const parts = part.path.split('.');
    const name = parts.pop() ?? part.path;
    const holder = holderOf(seed, parts, part.path, true);
    if (holder) holder[name] = copyOf(part.values[0]);
  };
  collect(condition);
  return seed;
}

/** A replacement holds fields only. */
export function checkReplacement(replacement: unknown): Document {
  if (!isPlainObject(replacement)) return refuse('a replacement that is no plain object');
  for (const key in replacement)
    if (key.startsWith('$'))
      throw serverError(codes.badValue, `the replace operation document must not contain atomic operators: ${key}`);
  return replacement;
}

/** A replacement may not move the document to another id. */
export function checkId(replacement: Document, id: string): void {
  const own = replacement['_id'];
  if (own !== undefined && own !== id) {
    throw serverError(
      codes.immutableField,
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${JSON.stringify(own)}`,
    );
  }
}

/** Ids are strings in this product; a document without one would get an ObjectId from MongoDB. */
export function idOf(document: Document): string {
  const id = document['_id'];
  if (typeof id !== 'string' || id === '' || id.includes('\0'))
    return refuse(rankOf(id) === 1 ? 'a document without an _id' : 'an _id that is no plain string');
  return id;
}
