import { GatewayError, Unanswered, WeChatError, classify, codes, nextPlatformDay } from './errors.js';

/** Every code of the platform's pages that concerns publishing. */
const listed = [
  -1,
  40001,
  40002,
  ...range(40003, 40013),
  40014,
  40033,
  40035,
  40060,
  40113,
  40125,
  40137,
  40164,
  41001,
  41002,
  41004,
  42001,
  ...range(43001, 43003),
  ...range(44001, 44003),
  ...range(45001, 45009),
  45011,
  45028,
  45034,
  45065,
  45066,
  45067,
  45110,
  45166,
  47001,
  48001,
  48004,
  48006,
  48008,
  48021,
  50002,
  53500,
  53501,
  53502,
  53503,
  53504,
  53505,
  53600,
  61450,
  88000,
  88001,
  88002,
  88003,
  88004,
  88005,
  88007,
  88008,
  88009,
  88010,
  88011,
  ...range(89501, 89507),
];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, place) => from + place);
}

const now = new Date('2026-11-24T10:00:00Z');

it.each(listed)('has a class, a cause in both languages and a next step for %i', (code) => {
  expect(codes.has(code)).toBe(true);
  const disposition = classify(new WeChatError('draft/add', code, 'words rid: 6743-ab-cd'), now);
  expect(disposition.cause.zh).toMatch(/\p{Script=Han}.*。$/u);
  expect(disposition.cause.en).toMatch(/^[A-Z].*\.$/);
  expect(disposition.platform).toEqual({ code: String(code), words: 'words rid: 6743-ab-cd', requestId: '6743-ab-cd' });
  if (disposition.class === 'action' || disposition.class === 'permanent') expect(disposition.todo.zh).toMatch(/。$/);
});

it('never takes a code that nobody has seen for a success or for something to repeat', () => {
  expect(classify(new WeChatError('freepublish/submit', 123456, 'strange'), now)).toMatchObject({
    class: 'action',
    platform: { code: '123456', words: 'strange' },
  });
});

it('takes a repeated mass send for done, with its message', () => {
  expect(
    classify(new WeChatError('message/mass/sendall', 45065, 'clientmsgid exist', '9007199254740993'), now),
  ).toMatchObject({ class: 'duplicate', remote: { id: '9007199254740993' } });
});

it('does not refresh a token where the token call itself was refused', () => {
  expect(classify(new WeChatError('stable_token', 40001, 'invalid credential'), now).class).toBe('action');
});

it('waits as long as a gateway says', () => {
  expect(classify(new GatewayError('draft/add', 503, 'busy', 120), now)).toMatchObject({ class: 'retry', delay: 120 });
});

it('never repeats blindly what was not answered', () => {
  expect(classify(new Unanswered('silence'), now).class).toBe('unknown');
});

it.each([
  ['2026-11-24T10:00:00Z', '2026-11-24T16:01:00.000Z'],
  ['2026-11-24T15:59:59Z', '2026-11-24T16:01:00.000Z'],
  ['2026-11-24T16:00:00Z', '2026-11-25T16:01:00.000Z'],
])("puts the end of a daily quota at China's midnight: %s → %s", (from, until) => {
  expect(nextPlatformDay(new Date(from)).toISOString()).toBe(until);
});
