/**
 * How text is cut for search: Chinese into every two neighbouring characters, all else into words. No dictionary decides,
 * so that names, new words and rare characters are found like any other.
 */

const run = /\p{Script=Han}+|[\p{L}\p{M}\p{N}]+?(?=\p{Script=Han}|[^\p{L}\p{M}\p{N}]|$)/gu;
const han = /^\p{Script=Han}/u;

/** Runs of Chinese characters, and words and numbers, in small letters and plain forms. */
export function runsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(run) ?? [];
}

export function tokensOf(text: string): string[] {
  return runsOf(text).flatMap((part) => (han.test(part) ? pairs(part) : [part]));
}

/** What finds a text that holds every token; `any`: one of them. A single character and the beginning of a word find what starts with them. Empty where there is nothing to look for. */
export function matchOf(query: string, any = false): string {
  return [...new Set(tokensOf(query))]
    .map(
      (token) => `"${token}"${([...token].length === 1 && han.test(token)) || /^[a-z0-9]{3,}$/.test(token) ? '*' : ''}`,
    )
    .join(any ? ' OR ' : ' ');
}

function pairs(text: string): string[] {
  const signs = [...text];
  return signs.length === 1 ? signs : signs.slice(1).map((sign, n) => `${signs[n] ?? ''}${sign}`);
}
