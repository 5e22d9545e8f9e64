/** The provider's rules, met at its sandbox: what it takes, what it refuses, and what it tells of an earlier try. */
import { createOutbound } from '../../channels/outbound.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import type { Sms, SmsCall } from '../sms.js';
import { adapter } from './adapter.js';

let sandbox: RunningSandbox;
let http: ReturnType<typeof createOutbound>;
beforeAll(async () => {
  sandbox = await startSandbox(adapter.sandbox());
  http = createOutbound([sandbox.url]);
});
afterAll(async () => {
  await http.close();
  await sandbox.close();
});

const call = (): SmsCall => ({ http, signal: AbortSignal.timeout(10_000), now: () => new Date() });
const account = () => {
  const { settings, credentials } = sandbox.account(1);
  return { settings: adapter.settings.parse(settings), credentials: adapter.credentials.parse(credentials) };
};
const fields = { mark: '正式', unit: '示例县', title: '台风红色预警', token: 'k0123456789abc.1.abcdefghijklmnop' };
const sms = (more: Partial<Sms> = {}): Sms => ({ to: '13800000000', kind: 'call', fields, key: 'k1-1', ...more });

it('sends the fields of the template under our own number for it, and finds it again by that', async () => {
  const since = new Date();
  expect(await adapter.find(account(), sms(), since, call())).toBeUndefined();
  expect(await adapter.send(account(), sms(), call())).toMatchObject({ is: 'accepted', code: 'OK' });
  expect(sandbox.accepted()).toMatchObject([{ account: '13800000000', subject: 'k1-1' }]);
  expect(await adapter.find(account(), sms(), since, call())).toEqual({ id: 'k1-1' });
  expect(await adapter.find(account(), sms({ key: 'k1-2' }), since, call())).toBeUndefined();
});

it.each([
  ['a number that is none', { to: '12345' }, 'isv.MOBILE_NUMBER_ILLEGAL', false],
  ['a field that is too long', { fields: { ...fields, title: '台'.repeat(36) } }, 'isv.PARAM_LENGTH_LIMIT', false],
])('says of %s that it will not pass later either', async (_what, more, code, again) => {
  expect(await adapter.send(account(), sms(more), call())).toMatchObject({ is: 'refused', code, again });
});

it('says of a limit that the same may pass later, and of a wrong key what to do', async () => {
  const script = { call: 'SendSms', code: 'isv.BUSINESS_LIMIT_CONTROL' };
  await fetch(`${sandbox.controlUrl}/script`, { method: 'POST', body: JSON.stringify(script) });
  expect(await adapter.send(account(), sms(), call())).toMatchObject({ is: 'refused', again: true });
  const wrong = { ...account(), credentials: { accessKeyId: 'LTAI1', accessKeySecret: 'another' } };
  expect(await adapter.send(wrong, sms(), call())).toMatchObject({ code: 'SignatureDoesNotMatch', again: false });
});

it('takes no template from which the exercise mark or the link could be missing', () => {
  const { settings } = sandbox.account(1);
  for (const template of ['${unit}有任务 https://hub.example/receipts#${token}', '${mark}：请办理', '${mark} ${token}'])
    expect(adapter.settings.safeParse({ ...settings, template }).success).toBe(false);
  expect(adapter.text(account().settings, sms())).toBe(
    '【示例省政务】正式：示例县有一项发布任务待处理：台风红色预警。请打开 https://hub.example/receipts#k0123456789abc.1.abcdefghijklmnop 确认。',
  );
});
