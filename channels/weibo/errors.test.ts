import { channel } from './adapter.js';
import { codes } from './codes.js';
import { WeiboError } from './errors.js';
import { classed, control, errand, find, publish, sandbox, short, useSandbox } from './fixtures/errands.js';

useSandbox();

describe('every failure of the platform', () => {
  const expected: Record<string, string> = { retry: 'retry', doubt: 'unknown', wait: 'wait', duplicate: 'action', action: 'action', permanent: 'permanent' };

  it.each(Object.entries(codes).filter(([, rule]) => rule.class !== 'delayed'))('%s is classed, explained and kept in the platform\'s words', async (code, rule) => {
    await control('script', { call: 'statuses/share', code });
    const disposition = await classed(publish(errand()));
    expect(disposition.class).toBe(expected[rule.class]);
    expect(disposition.cause.zh).toMatch(/\p{Script=Han}/u);
    expect(disposition.cause.en).toMatch(/^[\x20-\x7e]+$/);
    expect(disposition.platform).toMatchObject({ code, words: expect.stringMatching(/\w/) });
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('a code never seen waits for a person', async () => {
    await control('script', { call: 'statuses/share', code: '29999' });
    expect(await classed(publish(errand()))).toMatchObject({ class: 'action', platform: { code: '29999' } });
  });

  it.each(['500', '502', '503', '504'])('a gateway\'s %s leaves a post in doubt, but not a look', async (code) => {
    await control('script', { call: '*', code, times: 2 });
    const one = errand();
    expect(await classed(publish(one))).toMatchObject({ class: 'unknown', platform: { code: `HTTP ${code}` } });
    expect(await classed(find(one))).toMatchObject({ class: 'retry' });
  });

  it('a code behind which it may have been done leaves no doubt about a look', async () => {
    await control('script', { call: 'statuses/user_timeline', code: '10010' });
    expect(await classed(find(errand()))).toMatchObject({ class: 'retry' });
  });

  it.each([['429', 'retry'], ['404', 'action']])('a gateway\'s %s is a %s', async (code, expectedClass) => {
    await control('script', { call: 'statuses/share', code });
    expect(await classed(publish(errand()))).toMatchObject({ class: expectedClass });
  });

  it('an answer that names no post leaves doubt', async () => {
    const answer = (text: string) => ({ request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }) });
    for (const text of ['{}', '<html>ok</html>', '{"id":5235000000000000}', '']) expect(await classed(publish(errand(short, { http: answer(text) })))).toMatchObject({ class: 'unknown' });
  });

  it('waits until the platform\'s next hour or its midnight', () => {
    const at = (code: string) => channel.classify(new WeiboError('statuses/share', code, 'words'), new Date('2026-11-24T15:20:00Z'));
    expect(at('20016')).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(at('10023')).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(channel.classify(new WeiboError('statuses/share', '10023', 'words'), new Date('2026-11-24T16:00:00Z'))).toMatchObject({ until: new Date('2026-11-25T16:00:00Z') });
  });
});
