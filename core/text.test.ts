import { tidyLine, tidyText } from './text.js';

describe('marks of the direction of writing', () => {
  it.each([
    ['年报\u202efdp.exe', '年报fdp.exe'],
    ['年报\u202efdp.exe\u202c', '年报fdp.exe'],
    ['甲\u2066乙', '甲乙'],
    ['甲\u2069乙\u202c', '甲乙'],
    ['\u202b甲\u2067乙\u202c丙\u2069', '甲乙丙'],
  ])('that turn a line for good are taken out: %j', (text, clean) => {
    expect(tidyLine(text)).toBe(clean);
    expect(tidyText(`一\n${text}\n二`)).toBe(`一\n${clean}\n二`);
  });

  it('that are closed in their line stay, as Uyghur beside Chinese needs them', () => {
    const text = '\u202bشىنجاڭ \u20662026\u2069\u202c 新疆';
    expect(tidyLine(text)).toBe(text);
    expect(tidyText(`${text}\n\u202e甲`)).toBe(`${text}\n甲`);
  });
});
