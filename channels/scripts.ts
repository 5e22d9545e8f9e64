/**
 * Raised, lowered and struck text where there is no markup for it: in Unicode's own characters (blocks "Superscripts and
 * Subscripts", "Phonetic Extensions", "Spacing Modifier Letters"), else so that nobody reads it as standing on the line.
 */

const pairs = (plain: string, other: string): ReadonlyMap<string, string> => {
  const signs = [...other];
  return new Map([...plain].map((sign, n) => [sign, signs[n] ?? sign]));
};

const superscripts = pairs(
  '0123456789+-−–=()（）abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW ',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ ',
);
// A point is as low as it can be: PM₂.₅.
const subscripts = pairs('0123456789+-−–=()（）aehijklmnoprstuvx .', '₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ .');

/** 10⁴, m²; `^(甲)` where a character has no raised form. Marks of notes in brackets stay as they are. */
export function raised(text: string): string {
  return script(text, superscripts, '^');
}

/** CO₂; `_(甲)` where a character has no lowered form. */
export function lowered(text: string): string {
  return script(text, subscripts, '_');
}

/** What is struck out, without the line through it: 价格（已划去：1.80）2.80元, never 1.802.80. */
export function struck(text: string): string {
  return text.trim() && `（已划去：${text.trim()}）`;
}

function script(text: string, forms: ReadonlyMap<string, string>, sign: string): string {
  const words = text.trim();
  // A note's mark, and what the writer already bracketed, cannot be taken for a figure of the line.
  if (words === '' || /^(\[.*\]|［.*］|〔.*〕|【.*】|[①-⑳㉑-㊿†‡*※])$/su.test(words)) return text;
  const changed: string[] = [];
  for (const character of words) {
    const form = forms.get(character);
    if (form === undefined) return `${sign}(${words})`;
    changed.push(form);
  }
  return changed.join('');
}
