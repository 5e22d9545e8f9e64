/** `H~2~O`, `m^2^`: only where a figure or sign of a formula is lowered or raised, never in `8~10日，12~15日`. */
import type { MarkdownIt, StateInline } from 'markdown-it';

const kinds = [
  { mark: '~', tag: 'sub', before: /[A-Za-z)\]）]/, form: /~([0-9A-Za-z.]{1,8}[+-]?)~(?!~)/y },
  { mark: '^', tag: 'sup', before: /[0-9A-Za-z)\]）%℃°]/, form: /\^([+\-−]?[0-9A-Za-z]{1,8}[+\-−]?)\^/y },
] as const;

export function addScripts(markdown: MarkdownIt): void {
  for (const kind of kinds)
    markdown.inline.ruler.before('strikethrough', kind.tag, (state, silent) => script(state, silent, kind));
}

function script(state: StateInline, silent: boolean, { mark, tag, before, form }: (typeof kinds)[number]): boolean {
  if (state.src[state.pos] !== mark || !before.test(state.src[state.pos - 1] ?? '')) return false;
  form.lastIndex = state.pos;
  const [whole, inner] = form.exec(state.src.slice(0, state.posMax)) ?? [];
  if (whole === undefined || inner === undefined) return false;
  if (!silent) {
    state.push(`${tag}_open`, tag, 1);
    state.push('text', '', 0).content = inner;
    state.push(`${tag}_close`, tag, -1);
  }
  state.pos += whole.length;
  return true;
}
