/**
 * The one text that a value has under RFC 8785 (JSON Canonicalization Scheme): what is hashed or signed is this text.
 * The kept package `canonicalize` is for import alone, and the tests' processes require.
 * @throws Error for what has no such text: NaN, infinite numbers, half a surrogate pair, nothing at all
 */
export function canonicalJson(value: unknown): string {
  // What JSON itself drops or turns into text (absent fields, dates) is dropped and turned alike.
  const plain = JSON.stringify(value, finite) as string | undefined;
  if (plain === undefined) throw new Error('there is no JSON for this value');
  return textOf(JSON.parse(plain));
}

/** JSON writes `null` for these, which would say something else. */
function finite(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`there is no JSON for ${String(value)}`);
  return value;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${scalar(name)}:${textOf(inner)}`).join()}}`;
}

/** ECMAScript writes numbers and texts as the RFC wants them. */
function scalar(value: unknown): string {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new Error('half a surrogate pair');
  return JSON.stringify(value);
}
