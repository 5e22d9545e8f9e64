/** Tall pictures (一图读懂): words drawn down a strip, which nobody can read once it is made to fit a height. They keep their width. */

/** Height is so many times the width or more. */
const ratio = 2.5;

export function isTall(width: number, height: number): boolean {
  return height >= width * ratio;
}

/**
 * In how many pieces a channel shows a picture, one below the other: 1 where it is whole. The first is the variant itself,
 * the others `<variant>.2`, `<variant>.3` …
 */
export function piecesOf(
  rule: { maxEdge: number; pieceHeight?: number },
  { width, height }: { width: number; height: number },
): number {
  if (rule.pieceHeight === undefined || !isTall(width, height)) return 1;
  const scale = Math.min(1, rule.maxEdge / width);
  return Math.max(1, Math.ceil((height * scale) / rule.pieceHeight));
}
