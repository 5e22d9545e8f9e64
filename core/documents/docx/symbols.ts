/** Signs of fonts that draw something other than the letter stored, as Unicode. */

interface Font {
  /** Code of the first sign of each stretch, and the signs from there on. */
  stretches: readonly (readonly [number, string])[];
  /** Codes that are the letters they seem to be. */
  plain?: RegExp;
}

const wingdings: Font = {
  stretches: [
    [
      0x21,
      '✏✂✁👓🔔📖🕯☎✆✉🖃📪📫📬📭📁📂📄🗏🗐🗄⌛🖮🖰🖲🖳🖴💾🖬✇✍🖎✌👌👍👎☜☞☝☟✋☺😐☹💣☠🏳🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉♊♋♌♍♎♏♐♑♒♓&&●❍■□□❑❒⬧⧫◆❖⬥☒⮹⌘❀✿❝❞',
    ],
    [0x80, '⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿'],
    [0x9e, '·•'],
    [0xa1, '○◯◌◉◎◯▪☐'],
    [0xaa, '✦★✶✴✹✵'],
    [0xb1, '⌖⟡⌑'],
    [0xb5, '✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛'],
    [0xd5, '⌫⌦'],
    [0xd8, '➢'],
    [0xdc, '➲'],
    [0xdf, '←→↑↓↖↗↙↘⬅➔⬆⬇⬉⬈⬋⬊⇦⇨⇧⇩⬄⇳⬁⬀⬃⬂▭▫✗✓☒☑'],
  ],
};
const wingdings2: Font = {
  stretches: [
    [0x4f, '✗✓☒☑☒☒⊗⊘'],
    [0x69, '⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿'],
    [0x97, '●'],
    [0xa2, '■□'],
  ],
};
const wingdings3: Font = {
  stretches: [
    [0x66, '←→↑↓↖↗↙↘'],
    [0x70, '▲▼△▽◀▶◁▷'],
    [0x7d, '▶'],
  ],
};
const webdings: Font = {
  stretches: [
    [0x33, '◀▶▲▼'],
    [0x61, '✓'],
    [0x63, '□'],
    [0x67, '■'],
    [0x6e, '●'],
    [0x72, '✗'],
  ],
};
const symbol: Font = {
  plain: /[!#%&()+,./0-9:;<=>?[\]_{|}]/,
  stretches: [
    [0x22, '∀'],
    [0x24, '∃'],
    [0x27, '∋'],
    [0x2a, '∗'],
    [0x2d, '−'],
    [0x40, '≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ'],
    [0x5c, '∴'],
    [0x5e, '⊥'],
    [0x61, 'αβχδεφγηιϕκλμνοπθρστυϖωξψζ'],
    [0x7e, '∼'],
    [0xa0, '€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…'],
    [0xbf, '↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑'],
    [0xf1, '〉∫'],
  ],
};

const fonts = new Map(
  Object.entries({
    wingdings,
    'wingdings 2': wingdings2,
    'wingdings 3': wingdings3,
    webdings,
    symbol,
    'standard symbols l': symbol,
  }).map(([name, font]) => [name, tableOf(font)] as const),
);

function tableOf({ stretches, plain }: Font): ReadonlyMap<number, string> {
  const table = new Map<number, string>([[0x20, ' ']]);
  if (plain)
    for (let code = 0x21; code < 0x7f; code += 1) {
      const sign = String.fromCharCode(code);
      if (plain.test(sign)) table.set(code, sign);
    }
  for (const [first, signs] of stretches) [...signs].forEach((sign, at) => table.set(first + at, sign));
  return table;
}

export const drawsSigns = (font: string | undefined): boolean =>
  font !== undefined && (fonts.has(font.toLowerCase()) || /dings|^marlett$/i.test(font));

/** The sign that a code of a font draws, undefined where nobody knows. Codes of symbol fonts are stored as U+F0xx as well. */
export function signOf(font: string | undefined, code: number): string | undefined {
  const table = fonts.get((font ?? '').toLowerCase());
  const low = code >= 0xf000 && code <= 0xf0ff ? code - 0xf000 : code;
  if (table) return table.get(low);
  return drawsSigns(font) || (code >= 0xe000 && code <= 0xf8ff) || code === 0 ? undefined : String.fromCodePoint(code);
}

const raised: Readonly<Record<string, string>> = tableOfScripts('0123456789+-−=()nidrth', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵈʳᵗʰ');
const lowered: Readonly<Record<string, string>> = tableOfScripts(
  '0123456789+-−=()aeoxhklmnpstijruv',
  '₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ',
);

function tableOfScripts(plain: string, small: string): Record<string, string> {
  const signs = [...small];
  return Object.fromEntries([...plain].map((sign, at) => [sign, signs[at] ?? '']));
}

/** The text in raised or lowered signs, where each has one: `10` and `4` become `10⁴`. */
export function scriptSigns(text: string, script: 'sup' | 'sub'): string | undefined {
  const table = script === 'sup' ? raised : lowered;
  let small = '';
  for (const sign of text) {
    const one = table[sign];
    if (one === undefined) return undefined;
    small += one;
  }
  return small;
}
