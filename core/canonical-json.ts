/**
 * Canonical JSON by RFC 8785: of one value there is one text, whoever writes it. Our own, and short: the kept packages that
 * run here write lone surrogates, leave out what is undefined and call `toJSON`, so a signature would cover something else
 * than what was meant.
 */

/** The value has no canonical text, or the text is not canonical. */
export class NotCanonical extends Error {
  override name = 'NotCanonical';
}

/** @throws NotCanonical for a lone surrogate, a number that is not finite, and whatever JSON does not know: undefined above all */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (isTorn(value)) throw new NotCanonical('a lone surrogate');
      return JSON.stringify(value);
    case 'number':
      // JavaScript's own spelling of a number is the one that RFC 8785 prescribes.
      if (!Number.isFinite(value)) throw new NotCanonical(`the number ${value}`);
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : ofObject(value);
    default:
      throw new NotCanonical(`a value of the type ${typeof value}`);
  }
}

function ofObject(value: object): string {
  // By index, for what an array lacks is undefined too.
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotCanonical('an object of a class');
  // `sort` goes by UTF-16 units, as the RFC does.
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${canonical(name)}:${canonical(member)}`).join(',')}}`;
}

function isTorn(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/**
 * Reads a text that must be canonical itself: a name given twice, another order or another spelling is refused, so that
 * nobody can read something else in the same text.
 * @throws NotCanonical
 */
export function readCanonical(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new NotCanonical('no JSON', { cause });
  }
  if (canonical(value) !== text) throw new NotCanonical('another spelling, order or a name given twice');
  return value;
}

/**
 * What JSON makes of a value: what is absent is left out, an instant is its text. For what is to be kept as it came.
 * @throws NotCanonical for a number that is not finite, which JSON would write as null
 */
export function asJson(value: unknown): unknown {
  const text = JSON.stringify(value, finite) as string | undefined;
  if (text === undefined) throw new NotCanonical(`a value of the type ${typeof value}`);
  return JSON.parse(text);
}

function finite(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new NotCanonical(`the number ${value}`);
  return value;
}
