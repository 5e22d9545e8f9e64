/** Of every budget that a platform gives, a share is the emergency lane's: on every channel folder, at the sandbox. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  PartlyPublic,
  routineShare,
  shareOf,
  type Account,
  type Channel,
  type StepCall,
} from '../../channels/channel.js';
import { loadChannels } from '../../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { byHand } from '../support/by-hand.js';
import { openGround, specimenRelease, type TestGround } from '../support/call.js';

const folder = join(__dirname, '..', '..', 'channels');
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What the platform allows here, and how the account is told; a channel that is not here has no budget. */
const tight: Record<string, { settings: object; control?: (account: Account<unknown, unknown>) => [string, object] }> =
  {
    // Thirty posts an hour are what an ordinary app has.
    weibo: { settings: {} },
    wechat: {
      settings: { budget: { submitsPerDay: 30 } },
      control: ({ settings }) => [
        'quota',
        { appid: (settings as { appId: string }).appId, call: 'freepublish/submit', perDay: 30 },
      ],
    },
    // Asking for a cid, a batch of which lasts for ten pushes, counts as a push.
    app: {
      settings: {},
      control: ({ settings }) => [
        'quota',
        { app: (settings as { appKey: string }).appKey, family: 'push', perMinute: 30 },
      ],
    },
  };

it('keeps a fifth, and of a budget of one nothing', () => {
  expect(routineShare).toBe(0.8);
  expect([30, 100, 2, 1, 0].map((budget) => shareOf(budget))).toEqual([24, 80, 1, 1, 0]);
  expect(shareOf(30, 'emergency')).toBe(30);
});

describe.each(names)('channel %s', (name) => {
  let channel: Channel;
  let sandbox: RunningSandbox;
  let ground: TestGround;

  beforeAll(async () => {
    channel = (await loadChannels([folder])).get(name) as Channel;
    sandbox = await startSandbox(channel.sandbox());
    ground = await openGround(channel, [sandbox.url]);
  });
  afterAll(async () => {
    await ground.close();
    await sandbox.close();
  });

  async function open(n: number): Promise<Account<unknown, unknown>> {
    const ready = sandbox.account(n);
    const account = {
      id: `a${name}${n}`,
      name: ready.name,
      organization: '示例市人民政府办公室',
      region: '350100',
      settings: channel.accountSchema.settings.parse({ ...ready.settings, ...tight[name]?.settings }),
      credentials: channel.accountSchema.credentials.parse(ready.credentials),
    };
    const [path, body] = tight[name]?.control?.(account) ?? [];
    if (path) await fetch(`${sandbox.controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return account;
  }

  /** The class of what stood in the way; `out` where it went. */
  async function publish(account: Account<unknown, unknown>, words: string, lane: StepCall['lane']): Promise<string> {
    const release = specimenRelease(words, 0);
    const call = ground.callFor(`${release.release}-${account.id}`, release, { lane });
    try {
      const rendition = channel.render(release, account);
      await byHand(sandbox, { account, call, rendition }, await channel.publish(account, rendition, call));
      return 'out';
    } catch (error) {
      return channel.classify(refusalOf(error), new Date()).class;
    }
  }

  /** Of what is public in part, why the rest was refused. */
  function refusalOf(error: unknown): unknown {
    return error instanceof PartlyPublic ? error.cause : error;
  }

  it('lets a red warning out at once after thirty-two routine posts, and reads it back', async () => {
    const account = await open(1);
    const routine: string[] = [];
    for (let n = 0; n < 32; n += 1) routine.push(await publish(account, `日常第${n}件`, 'routine'));
    expect(new Set(routine)).toEqual(new Set(name in tight ? ['out', 'wait'] : ['out']));
    const before = sandbox.accepted().length;
    expect(await publish(account, '台风红色预警', 'emergency')).toBe('out');
    expect(sandbox.accepted()).toHaveLength(before + 1);
    expect(await publish(account, '日常又一件', 'routine')).toBe(name in tight ? 'wait' : 'out');
  });

  it('says in the words for people that a share is kept', async () => {
    if (!(name in tight)) return;
    const account = await open(2);
    for (let n = 0; n < 32; n += 1) await publish(account, `日常第${n}件`, 'routine');
    const release = specimenRelease('再一件', 0);
    const call = ground.callFor(`${release.release}-${account.id}`, release);
    const error: unknown = await channel
      .publish(account, channel.render(release, account), call)
      .catch((thrown: unknown) => thrown);
    expect(channel.classify(refusalOf(error), new Date()).cause.zh).toMatch(/常规.*应急/);
  });
});
