/** What must never stand in an entry: it is kept for ever and shown to strangers. */

/** Whatever name a secret goes by, in any case and with anything around it. `code` alone is one that is typed in; an `errorCode` is none. */
const secretName =
  /pass|pwd|secret|token|otp|credential|cookie|authori[sz]ation|bearer|recovery|private|api[-_]?key|session|sealed|^(code|codes|key|keys|pin|mima|salt|nonce|otpauth)$/i;
const mark = '[withheld]';

/** The same, where every field whose name can hold a secret says only that something was there. `on` holds ids and `code` the code of an error: those stay. */
export function withoutSecrets<E extends { before?: unknown; after?: unknown }>(entry: E): E {
  return { ...entry, before: withheld(entry.before), after: withheld(entry.after) };
}

function withheld(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withheld);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(name) && inner !== undefined ? mark : withheld(inner),
    ]),
  );
}
