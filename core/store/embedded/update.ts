/** MongoDB's update operators on a parsed document. */
import { checkPath, matches, matchesLeaf, readFilter, type Condition } from './filter.js';
import { codes, refuse, serverError } from './errors.js';
import { compare, copyOf, equal, isPlainObject, rankOf, type Document } from './values.js';

const operators = ['$set', '$unset', '$inc', '$push', '$addToSet', '$pull', '$setOnInsert', '$min', '$max'] as const;
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
      if (value !== undefined) changes.push(checkedChange({ operator, path, value }));
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

function checkedChange(change: Change): Change {
  const { operator, path, value } = change;
  if (operator === '$inc' && !Number.isFinite(value)) {
    throw serverError(
      codes.typeMismatch,
      `Cannot increment with non-numeric argument: {${path}: ${JSON.stringify(value)}}`,
    );
  }
  if ((operator === '$push' || operator === '$addToSet') && isPlainObject(value)) {
    const modifiers = Object.keys(value).filter((key) => key.startsWith('$'));
    for (const modifier of modifiers) if (modifier !== '$each') refuse(`the modifier ${modifier} of ${operator}`);
    if (modifiers.length > 0 && !Array.isArray(value['$each']))
      throw serverError(codes.badValue, `The argument to $each in ${operator} must be an array`);
  }
  if (operator === '$pull') pulls(value);
  return change;
}

/** Carries the update out on `document` itself. `inserting`: the document is being made by an upsert. */
export function apply(update: Update, document: Document, inserting: boolean): void {
  const id = document['_id'];
  for (const change of update) {
    if (change.operator === '$setOnInsert' && !inserting) continue;
    applyOne(change, document);
  }
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
  const holder = holderOf(document, parts, path, operator !== '$unset' && operator !== '$pull');
  if (!holder) return;
  const present = Object.hasOwn(holder, name) ? holder[name] : undefined;
  switch (operator) {
    case '$set':
    case '$setOnInsert':
      holder[name] = copyOf(value);
      return;
    case '$unset':
      delete holder[name];
      return;
    case '$inc':
      holder[name] = incremented(present, Number(value), path, document['_id']);
      return;
    case '$min':
    case '$max':
      if (present === undefined || compare(value, present) * (operator === '$min' ? 1 : -1) < 0)
        holder[name] = copyOf(value);
      return;
    case '$push':
      holder[name] = [...listAt(present, path), ...eachOf(value)];
      return;
    case '$addToSet': {
      const list = [...listAt(present, path)];
      for (const added of eachOf(value)) if (!list.some((element) => equal(element, added))) list.push(added);
      holder[name] = list;
      return;
    }
    case '$pull':
      if (present === undefined) return;
      if (!Array.isArray(present)) throw serverError(codes.badValue, 'Cannot apply $pull to a non-array value');
      holder[name] = present.filter((element: unknown) => !pulls(value)(element));
  }
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

function incremented(present: unknown, by: number, path: string, id: unknown): number {
  if (present === undefined) return by;
  if (typeof present !== 'number') {
    throw serverError(
      codes.typeMismatch,
      `Cannot apply $inc to a value of non-numeric type. {_id: ${JSON.stringify(id)}} has the field '${path}' of another type`,
    );
  }
  return present + by;
}

function listAt(present: unknown, path: string): readonly unknown[] {
  if (present === undefined) return [];
  if (Array.isArray(present)) return present;
  throw serverError(codes.badValue, `The field '${path}' must be an array but is of another type`);
}

function eachOf(value: unknown): unknown[] {
  const each = isPlainObject(value) && Object.hasOwn(value, '$each') ? value['$each'] : [value];
  return Array.isArray(each) ? copyOf(each) : [];
}

/** Which elements `$pull` takes out: equal ones; those an operator matches; of objects, those a filter matches. */
function pulls(wanted: unknown): (element: unknown) => boolean {
  if (!isPlainObject(wanted)) return (element) => equal(element, wanted);
  if (!Object.keys(wanted).some((key) => key.startsWith('$') && key !== '$and' && key !== '$or')) {
    const condition = readFilter(wanted);
    return (element) => isPlainObject(element) && matches(condition, element);
  }
  const condition = readFilter({ element: wanted });
  return (element) => matchesElement(condition, element);
}

function matchesElement(condition: Condition, element: unknown): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.all.every((inner) => matchesElement(inner, element));
    case 'or':
      return condition.all.some((inner) => matchesElement(inner, element));
    case 'not':
      return !matchesElement(condition.inner, element);
    case 'exists':
      return true;
    case 'in':
    case 'range':
      return matchesLeaf(condition, element);
  }
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

/** A replacement holds fields only, and may not move the document to another id. */
export function checkReplacement(replacement: unknown, id?: string): Document {
  if (!isPlainObject(replacement)) return refuse('a replacement that is no plain object');
  for (const key in replacement)
    if (key.startsWith('$'))
      throw serverError(codes.badValue, `the replace operation document must not contain atomic operators: ${key}`);
  const own = replacement['_id'];
  if (id !== undefined && own !== undefined && own !== id) {
    throw serverError(
      codes.immutableField,
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${JSON.stringify(own)}`,
    );
  }
  return replacement;
}

/** Ids are strings in this product; a document without one would get an ObjectId from MongoDB. */
export function idOf(document: Document): string {
  const id = document['_id'];
  if (typeof id !== 'string' || id === '' || id.includes('\0'))
    return refuse(rankOf(id) === 1 ? 'a document without an _id' : 'an _id that is no plain string');
  return id;
}
