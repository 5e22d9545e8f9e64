/** Excel knows UTF-8 by this sign alone. */
export const excelMark = '\uFEFF';

/** One cell on one line. What a spreadsheet would take for a formula is marked as text, as spreadsheets do themselves. */
export function csvCell(value: unknown): string {
  if (value === undefined) return '';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(
    /\r\n?|[\n\v\f\u0085\u2028\u2029]/g,
    '↵',
  );
  const safe = /^[\s\p{Cc}]*[=+\-@＝＋－＠|%]|^\t/u.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
