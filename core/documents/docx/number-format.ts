/** Numbers as Word prints them (ECMA-376 part 1, 17.18.59 ST_NumberFormat). */

const digits = '〇一二三四五六七八九';
const units = ['', '十', '百', '千'];
const formal = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const formalUnits = ['', '拾', '佰', '仟'];
const stems = '甲乙丙丁戊己庚辛壬癸';
const branches = '子丑寅卯辰巳午未申酉戌亥';

/** Undefined where the format is none that we can write: the caller says so. */
export function formatNumber(n: number, format: string): string | undefined {
  if (n < 0 || n > 99_999) return String(n);
  return formats[format]?.(n);
}

const formats: Readonly<Record<string, (n: number) => string>> = {
  decimal: String,
  decimalZero: (n) => String(n).padStart(2, '0'),
  decimalHalfWidth: String,
  decimalFullWidth: wide,
  decimalFullWidth2: wide,
  numberInDash: (n) => `- ${n} -`,
  none: () => '',
  bullet: () => '',
  upperLetter: (n) => letters(n, 'A'),
  lowerLetter: (n) => letters(n, 'a'),
  upperRoman: roman,
  lowerRoman: (n) => roman(n).toLowerCase(),
  ordinal: (n) => `${n}${ordinalEnd(n)}`,
  hex: (n) => n.toString(16).toUpperCase(),
  decimalEnclosedCircle: circled,
  decimalEnclosedCircleChinese: circled,
  decimalEnclosedFullstop: (n) => within(n, 1, 20, 0x2488, `${n}.`),
  decimalEnclosedParen: (n) => within(n, 1, 20, 0x2474, `(${n})`),
  ideographEnclosedCircle: (n) => within(n, 1, 10, 0x3280, counting(n, digits, units)),
  chineseCounting: chinese,
  chineseCountingThousand: chinese,
  taiwaneseCounting: chinese,
  taiwaneseCountingThousand: chinese,
  japaneseCounting: chinese,
  koreanCounting: (n) => counting(n, '영일이삼사오육칠팔구', ['', '십', '백', '천']),
  ideographDigital: byDigit,
  japaneseDigitalTenThousand: byDigit,
  taiwaneseDigital: byDigit,
  koreanDigital: (n) => String(n).replace(/\d/g, (digit) => '영일이삼사오육칠팔구'[Number(digit)] ?? ''),
  chineseLegalSimplified: (n) => counting(n, formal, formalUnits),
  ideographLegalTraditional: (n) =>
    counting(n, ['零', '壹', '貳', '參', '肆', '伍', '陸', '柒', '捌', '玖'], formalUnits),
  japaneseLegal: (n) =>
    counting(n, ['〇', '壱', '弐', '参', '四', '伍', '六', '七', '八', '九'], ['', '拾', '百', '阡']),
  ideographTraditional: (n) => (n >= 1 && n <= 10 ? (stems[n - 1] ?? '') : String(n)),
  ideographZodiac: (n) => (n >= 1 && n <= 12 ? (branches[n - 1] ?? '') : String(n)),
  ideographZodiacTraditional: (n) => (n >= 1 ? `${stems[(n - 1) % 10] ?? ''}${branches[(n - 1) % 12] ?? ''}` : '0'),
  aiueo: (n) => cycle(n, 'ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ'),
  aiueoFullWidth: (n) =>
    cycle(n, 'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン'),
  russianLower: (n) => cycle(n, 'абвгдежзиклмнопрстуфхцчшщыэюя'),
  russianUpper: (n) => cycle(n, 'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ'),
};

function wide(n: number): string {
  return String(n).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
}

/** a … z, aa … zz, aaa: the letter is repeated, not counted on. */
function letters(n: number, first: string): string {
  if (n === 0) return '0';
  return String.fromCodePoint((first.codePointAt(0) ?? 0) + ((n - 1) % 26)).repeat(Math.min(Math.ceil(n / 26), 100));
}

function cycle(n: number, signs: string): string {
  return n === 0 ? '0' : (signs[(n - 1) % signs.length] ?? '');
}

function roman(n: number): string {
  if (n === 0) return '0';
  const steps: [number, string][] = [
    [1000, 'M'],
    [900, 'CM'],
    [500, 'D'],
    [400, 'CD'],
    [100, 'C'],
    [90, 'XC'],
    [50, 'L'],
    [40, 'XL'],
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ];
  let text = '';
  for (const [value, sign] of steps) for (; n >= value; n -= value) text += sign;
  return text;
}

function ordinalEnd(n: number): string {
  if (n % 100 >= 11 && n % 100 <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th';
}

function circled(n: number): string {
  if (n === 0) return '⓪';
  if (n > 35) return within(n, 36, 50, 0x32b1, String(n));
  return n > 20 ? within(n, 21, 35, 0x3251, String(n)) : within(n, 1, 20, 0x2460, String(n));
}

function within(n: number, first: number, last: number, code: number, other: string): string {
  return n >= first && n <= last ? String.fromCodePoint(code + n - first) : other;
}

function byDigit(n: number): string {
  return String(n).replace(/\d/g, (digit) => digits[Number(digit)] ?? '');
}

function chinese(n: number): string {
  if (n === 0) return '〇';
  // 十二, not 一十二.
  return counting(n, `零${digits.slice(1)}`, units).replace(/^一十/, '十');
}

function counting(n: number, signs: string | readonly string[], places: readonly string[]): string {
  if (n === 0) return signs[0] ?? '';
  if (n >= 10_000) {
    const [high, low] = [Math.floor(n / 10_000), n % 10_000];
    const gap = low > 0 && low < 1_000 ? (signs[0] ?? '') : '';
    return `${counting(high, signs, places)}万${gap}${low ? counting(low, signs, places) : ''}`;
  }
  let text = '';
  for (const [at, digit] of [...String(n)].map(Number).entries()) {
    const place = String(n).length - 1 - at;
    if (digit > 0) text += `${signs[digit] ?? ''}${places[place] ?? ''}`;
    else if (!text.endsWith(signs[0] ?? '') && n % 10 ** (place + 1) > 0) text += signs[0] ?? '';
  }
  return text;
}
