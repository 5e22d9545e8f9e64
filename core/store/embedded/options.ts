/** The options of reads, as mongoose hands them on. */
import { refuse } from './errors.js';
import { checkPath, readFilter } from './filter.js';
import type { Query, Sort } from './rows.js';
import { EmbeddedSession } from './session.js';
import { isPlainObject, valueAt, type Document } from './values.js';

/** Options that would change the answer. Others (read preference, batch size, comments) mean nothing to one file. */
export function checkOptions(options: Document): void {
  for (const option of ['collation', 'arrayFilters', 'let', 'hint', 'min', 'max', 'tailable'])
    if (options[option] !== undefined) refuse(`the option ${option}`);
}

/** Which of several rows a write meets nobody asks here: it names them. */
export function checkWriteOptions(options: Document): void {
  checkOptions(options);
  if (options['sort'] !== undefined) refuse('the option sort of a write');
}

function sortOf(sort: unknown): Sort {
  if (sort === undefined || sort === null) return [];
  const entries =
    sort instanceof Map
      ? [...sort]
      : isPlainObject(sort)
        ? Object.entries(sort)
        : refuse('a sort that is no plain object');
  return entries.map(([path, direction]) => {
    checkPath(String(path));
    if (direction !== 1 && direction !== -1) return refuse(`a sort by ${String(direction)}`);
    return [String(path), direction] as const;
  });
}

export function queryOf(filter: unknown, options: Document): Query {
  return {
    condition: readFilter(filter ?? {}),
    sort: sortOf(options['sort']),
    skip: Number(options['skip'] ?? 0),
    limit: Math.abs(Number(options['limit'] ?? 0)),
  };
}

export function sessionOf(options: Document): EmbeddedSession | undefined {
  const { session } = options;
  return session instanceof EmbeddedSession && session.engaged ? session : undefined;
}

/** The paths that a projection keeps beside the id; undefined where it is none that only keeps, or crosses into a field. */
export function pathsKept(projection: unknown): string[] | undefined {
  if (!isPlainObject(projection)) return undefined;
  const { _id: withId = 1, ...fields } = projection;
  const paths = Object.keys(fields);
  const isKept = (path: string): boolean => Boolean(fields[path]) && !path.includes('.');
  return Boolean(withId) && (paths.length > 0 || '_id' in projection) && paths.every(isKept) ? paths : undefined;
}

/** A projection as a function; undefined where the whole document is asked for. */
export function projectionOf(projection: unknown): ((document: Document) => Document) | undefined {
  if (!isPlainObject(projection)) return undefined;
  const { _id: withId, ...fields } = projection;
  const paths = Object.keys(fields);
  for (const path of paths) {
    checkPath(path);
    if (![0, 1, true, false].includes(fields[path] as number)) refuse(`the projection of "${path}"`);
  }
  const kept = paths.filter((path) => Boolean(fields[path]));
  if (kept.length > 0 && kept.length < paths.length) refuse('a projection that both keeps and leaves out');
  if (kept.length > 0 || (paths.length === 0 && withId !== undefined && Boolean(withId)))
    return (document) => only(document, kept, withId === undefined || Boolean(withId));
  if (paths.length === 0 && withId === undefined) return undefined;
  return (document) => without(document, withId !== undefined && !withId ? ['_id', ...paths] : paths);
}

function only(document: Document, paths: readonly string[], withId: boolean): Document {
  const result: Document = withId ? { _id: document['_id'] } : {};
  for (const path of paths) {
    const value = valueAt(document, path);
    if (value === undefined) continue;
    const parts = path.split('.');
    const last = parts.pop() ?? path;
    let at = result;
    for (const part of parts) {
      const inner = at[part];
      at = isPlainObject(inner) ? inner : ((at[part] = {}) as Document);
    }
    at[last] = value;
  }
  return result;
}

function without(document: Document, paths: readonly string[]): Document {
  for (const path of paths) {
    const parts = path.split('.');
    const last = parts.pop() ?? path;
    let at: unknown = document;
    for (const part of parts) at = isPlainObject(at) ? at[part] : undefined;
    if (isPlainObject(at)) delete at[last];
  }
  return document;
}
