import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { channel } from './adapter.js';
import { codes } from './codes.js';
import { WeiboError } from './errors.js';
import { classed, control, errand, find, publish, sandbox, short, useSandbox } from './fixtures/errands.js';

useSandbox();

/**
 * The codes that the platform documents for the calls made here, by what they are about: the open platform's table of
 * errors, its page on OAuth 2, and the bodies that people report for `share`.
 */
const listed: Readonly<Record<string, { classes: readonly string[]; codes: readonly number[] }>> = {
  'the platform is not well': { classes: ['retry', 'doubt'], codes: [10001, 10002, 10003, 10009, 10010, 10011, 21331] },
  'a limit is reached': { classes: ['wait'], codes: [10022, 10023, 10024, 20016] },
  'it is there already': { classes: ['duplicate'], codes: [20017, 20019, 20111] },
  'it is posted and seen later': { classes: ['delayed'], codes: [20032] },
  'the keeper must authorise again': {
    classes: ['action'],
    codes: [21301, 21314, 21315, 21316, 21317, 21319, 21325, 21327, 21330, 21332, 21335],
  },
  'the app or the hub is not set up for it': {
    classes: ['action'],
    codes: [10004, 10005, 10006, 10014, 10017, 10032, 21321, 21322, 21323, 21324, 21326, 21328, 21329, 21337],
  },
  'the account must prove itself': { classes: ['action'], codes: [20015, 20022, 20031] },
  'the content cannot be posted': {
    classes: ['permanent'],
    codes: [20005, 20006, 20007, 20008, 20012, 20013, 20014, 20018, 20020, 20021, 20049, 21602],
  },
  "what it is about is gone or somebody else's": {
    classes: ['action'],
    codes: [20101, 20102, 20201, 20203, 20206, 20207],
  },
};

describe.each(Object.entries(listed))('where %s', (_what, { classes, codes: numbers }) => {
  it.each(numbers)('%i has its class, its cause and what to do, in both languages', (number) => {
    const rule = codes[number];
    expect(classes).toContain(rule?.class);
    const now = new Date('2026-11-24T15:20:00Z');
    const disposition = channel.classify(new WeiboError('statuses/user_timeline', String(number), 'words'), now);
    expect(disposition.platform).toEqual({ code: String(number), words: 'words' });
    const said = [disposition.cause, ...('todo' in disposition ? [disposition.todo] : [])];
    for (const { zh, en } of said) {
      expect(zh).toMatch(/\p{Script=Han}.*。$/u);
      expect(en).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
    }
    if (disposition.class === 'wait') expect(disposition.until.getTime()).toBeGreaterThan(now.getTime());
    if (disposition.class === 'retry') expect(disposition.delay).toBeGreaterThan(0);
    expect(['action', 'permanent'].includes(disposition.class)).toBe('todo' in disposition);
  });
});

it('docs/platforms.md tells how many codes are listed and classified', () => {
  const document = readFileSync(join(__dirname, '..', '..', 'docs', 'platforms.md'), 'utf8');
  const numbers = Object.values(listed).flatMap((group) => group.codes);
  expect(document).toContain(`${numbers.length} / ${numbers.length}`);
  expect(document).toContain(`${Object.keys(codes).length - numbers.length} more`);
});

describe('every failure of the platform', () => {
  const expected: Record<string, string> = {
    retry: 'retry',
    doubt: 'unknown',
    wait: 'wait',
    duplicate: 'action',
    action: 'action',
    permanent: 'permanent',
  };

  it.each(Object.entries(codes).filter(([, rule]) => rule.class !== 'delayed'))(
    "%s is classed, explained and kept in the platform's words",
    async (code, rule) => {
      await control('script', { call: 'statuses/share', code });
      const disposition = await classed(publish(errand()));
      expect(disposition.class).toBe(expected[rule.class]);
      expect(disposition.cause.zh).toMatch(/\p{Script=Han}/u);
      expect(disposition.cause.en).toMatch(/^[\x20-\x7e]+$/);
      expect(disposition.platform).toMatchObject({ code, words: expect.stringMatching(/\w/) });
      expect(sandbox.accepted()).toHaveLength(0);
    },
  );

  it('a code never seen waits for a person', async () => {
    await control('script', { call: 'statuses/share', code: '29999' });
    expect(await classed(publish(errand()))).toMatchObject({ class: 'action', platform: { code: '29999' } });
  });

  it.each(['500', '502', '503', '504'])("a gateway's %s leaves a post in doubt, but not a look", async (code) => {
    await control('script', { call: '*', code, times: 2 });
    const one = errand();
    expect(await classed(publish(one))).toMatchObject({ class: 'unknown', platform: { code: `HTTP ${code}` } });
    expect(await classed(find(one))).toMatchObject({ class: 'retry' });
  });

  it('a code behind which it may have been done leaves no doubt about a look', async () => {
    await control('script', { call: 'statuses/user_timeline', code: '10010' });
    expect(await classed(find(errand()))).toMatchObject({ class: 'retry' });
  });

  it.each([
    ['429', 'retry'],
    ['404', 'action'],
  ])("a gateway's %s is a %s", async (code, expectedClass) => {
    await control('script', { call: 'statuses/share', code });
    expect(await classed(publish(errand()))).toMatchObject({ class: expectedClass });
  });

  it('an answer that names no post leaves doubt', async () => {
    const answer = (text: string) => ({
      request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }),
    });
    for (const text of ['{}', '<html>ok</html>', '{"id":5235000000000000}', ''])
      expect(await classed(publish(errand(short, { http: answer(text) })))).toMatchObject({ class: 'unknown' });
  });

  it("waits until the platform's next hour or its midnight", () => {
    const at = (code: string) =>
      channel.classify(new WeiboError('statuses/share', code, 'words'), new Date('2026-11-24T15:20:00Z'));
    expect(at('20016')).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(at('10023')).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(
      channel.classify(new WeiboError('statuses/share', '10023', 'words'), new Date('2026-11-24T16:00:00Z')),
    ).toMatchObject({ until: new Date('2026-11-25T16:00:00Z') });
  });
});
