/** Errors in the shapes that MongoDB's own driver gives, so that nobody above can tell the stores apart. */
import mongoose from 'mongoose';

const { MongoServerError } = mongoose.mongo;

/** A request outside the closed surface of the store. Thrown for MongoDB too, so that what works here works there. */
export class UnsupportedByStore extends Error {
  override name = 'UnsupportedByStore';
  readonly what: string;

  constructor(what: string) {
    super(`The store does not support ${what}. Its surface is closed: see docs/adr/0002-embedded-store.md.`);
    this.what = what;
  }
}

export function refuse(what: string): never {
  throw new UnsupportedByStore(what);
}

/** MongoDB's codes for what an operation can do wrong. */
export const codes = {
  badValue: 2,
  pathNotViable: 28,
  conflictingUpdate: 40,
  namespaceExists: 48,
  immutableField: 66,
  noSuchTransaction: 251,
  indexNotFound: 27,
  indexOptionsConflict: 85,
  duplicateKey: 11_000,
} as const;

export function serverError(
  code: number,
  message: string,
  details: Record<string, unknown> = {},
): mongoose.mongo.MongoServerError {
  return new MongoServerError({ ok: 0, code, errmsg: message, message, ...details });
}

export function duplicateKey(
  collection: string,
  index: string,
  keyPattern: Record<string, unknown>,
  keyValue: Record<string, unknown>,
): mongoose.mongo.MongoServerError {
  const shown = Object.entries(keyValue)
    .map(([path, value]) => `${path}: ${JSON.stringify(value)}`)
    .join(', ');
  const message = `E11000 duplicate key error collection: lianfa.${collection} index: ${index} dup key: { ${shown} }`;
  return serverError(codes.duplicateKey, message, { index: 0, keyPattern, keyValue });
}
