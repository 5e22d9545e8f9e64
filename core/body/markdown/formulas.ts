/** `$…$`: a formula of LaTeX, as a sentence that can be read where nothing draws formulas. */
import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

const inline = /\$\$([^$]+?)\$\$|\$(?![\s$])((?:[^$\\\n]|\\[^\n])+?)(?<!\s)\$(?!\d)/y;

/** Money is written with the same sign, so what stands between must look like a formula. */
function isFormula(tex: string): boolean {
  return (
    /\\[a-zA-Z]|[\^_]/.test(tex) ||
    (/^[\w\s+\-*/=<>().,|]+$/.test(tex) && /^[a-zA-Z]$|[a-zA-Z].*[=+<>]|[=+<>].*[a-zA-Z]/.test(tex))
  );
}

export function addFormulas(markdown: MarkdownIt): void {
  markdown.inline.ruler.before('escape', 'formula', inlineFormula);
  markdown.block.ruler.before('fence', 'formula_block', blockFormula, { alt: ['paragraph', 'blockquote', 'list'] });
  const html = (tex: string): string => readableFormula(tex, markdown.utils.escapeHtml);
  markdown.renderer.rules['formula'] = (tokens, index) => html(tokens[index]?.content ?? '');
  markdown.renderer.rules['formula_block'] = (tokens, index) => `<p>${html(tokens[index]?.content ?? '')}</p>\n`;
}

function inlineFormula(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== '$') return false;
  inline.lastIndex = state.pos;
  const [whole, double, single] = inline.exec(state.src.slice(0, state.posMax)) ?? [];
  const tex = (double ?? single)?.trim();
  if (whole === undefined || !tex || (double === undefined && !isFormula(tex))) return false;
  if (!silent) state.push('formula', '', 0).content = tex;
  state.pos += whole.length;
  return true;
}

/** `$$` on a line of its own, up to the next. */
function blockFormula(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  const lineAt = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trim();
  if (lineAt(start) !== '$$') return false;
  let close = start + 1;
  while (close < end && lineAt(close) !== '$$') close += 1;
  if (close >= end) return false;
  if (silent) return true;
  const token = state.push('formula_block', '', 0);
  token.block = true;
  token.content = state.getLines(start + 1, close, state.blkIndent, false).trim();
  token.map = [start, close + 1];
  state.line = close + 1;
  return true;
}

const signs: Readonly<Record<string, string>> = {
  times: '×',
  cdot: '·',
  div: '÷',
  pm: '±',
  mp: '∓',
  ast: '∗',
  leq: '≤',
  le: '≤',
  geq: '≥',
  ge: '≥',
  neq: '≠',
  ne: '≠',
  approx: '≈',
  equiv: '≡',
  sim: '∼',
  propto: '∝',
  infty: '∞',
  sum: '∑',
  prod: '∏',
  int: '∫',
  partial: '∂',
  nabla: '∇',
  in: '∈',
  notin: '∉',
  subset: '⊂',
  subseteq: '⊆',
  cup: '∪',
  cap: '∩',
  emptyset: '∅',
  forall: '∀',
  exists: '∃',
  to: '→',
  rightarrow: '→',
  leftarrow: '←',
  Rightarrow: '⇒',
  Leftrightarrow: '⇔',
  ldots: '…',
  cdots: '⋯',
  dots: '…',
  degree: '°',
  circ: '°',
  percent: '%',
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  zeta: 'ζ',
  eta: 'η',
  theta: 'θ',
  lambda: 'λ',
  mu: 'μ',
  nu: 'ν',
  xi: 'ξ',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'φ',
  varphi: 'φ',
  chi: 'χ',
  psi: 'ψ',
  omega: 'ω',
  Gamma: 'Γ',
  Delta: 'Δ',
  Theta: 'Θ',
  Lambda: 'Λ',
  Pi: 'Π',
  Sigma: 'Σ',
  Phi: 'Φ',
  Psi: 'Ψ',
  Omega: 'Ω',
  quad: ' ',
  qquad: ' ',
  left: '',
  right: '',
  displaystyle: '',
  sin: 'sin',
  cos: 'cos',
  tan: 'tan',
  log: 'log',
  ln: 'ln',
  lim: 'lim',
  max: 'max',
  min: 'min',
};
const worded = new Set(['text', 'mathrm', 'mathbf', 'mathit', 'operatorname', 'mathsf', 'textbf', 'mbox', 'ce']);

/** Reads a formula from left to right. A command that it does not know stays as it is written. */
export function readableFormula(tex: string, escape: (text: string) => string): string {
  let at = 0;

  function group(): string {
    while (tex[at] === ' ') at += 1;
    if (tex[at] !== '{') return one();
    at += 1;
    const inner = until('}');
    at += 1;
    return inner;
  }

  function until(end: string): string {
    let html = '';
    while (at < tex.length && tex[at] !== end) html += one();
    return html;
  }

  function one(): string {
    const [whole = '', name] = /^(?:\\([a-zA-Z]+) ?|\\.|[\s\S])/u.exec(tex.slice(at, at + 40)) ?? [];
    at += whole.length;
    if (name !== undefined) return command(name);
    if (whole === '^') return `<sup>${group()}</sup>`;
    if (whole === '_') return `<sub>${group()}</sub>`;
    if (whole === '{') {
      const inner = until('}');
      at += 1;
      return inner;
    }
    if (whole === '\\\\') return '<br>';
    if (whole === '}' || whole === '&') return '';
    if (/^\\[,;:! ]$/.test(whole)) return ' ';
    return escape(whole.replace(/^\\/, ''));
  }

  function command(name: string): string {
    if (/^[dt]?frac$/.test(name)) return `${bracketed(group())}/${bracketed(group())}`;
    if (name === 'sqrt') return `√${bracketed(group())}`;
    if (worded.has(name)) return group();
    return Object.hasOwn(signs, name) ? (signs[name] ?? '') : escape(`\\${name} `);
  }

  return until('').trim();
}

function bracketed(html: string): string {
  return /^(?:[\w.α-ωΑ-Ω]|<[^>]*>)+$/u.test(html) && html.length < 20 ? html : `(${html})`;
}
