import { canonicalJson } from './canonical-json.js';

it.each([
  // RFC 8785, 3.2.2 and 3.2.3: its own examples.
  [
    {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    },
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  ],
  [
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  ],
  [
    { b: undefined, at: new Date(0), a: [undefined], '10': -0, '9': 1 },
    '{"10":0,"9":1,"a":[null],"at":"1970-01-01T00:00:00.000Z"}',
  ],
  ['联发', '"联发"'],
])('%j has one text', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
  expect(canonicalJson(JSON.parse(text))).toBe(text);
});

it.each([[NaN], [{ a: [Infinity] }], ['\ud800'], [{ '\udc00x': 1 }], [undefined], [() => 1]])(
  '%j has none',
  (value) => {
    expect(() => canonicalJson(value)).toThrow();
  },
);
