/** What honest documents hold beside plain words reaches the reader on every channel, and a page that has lost it is not taken for the same. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Account, Channel, Rendition, StepCall } from '../../channels/channel.js';
import { loadChannels } from '../../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { canonical } from '../../core/body/canonical.js';
import { byHand } from '../support/by-hand.js';
import { openGround, specimenRelease, type TestGround } from '../support/call.js';

const folders = [join(__dirname, '..', '..', 'channels')];
const names = folders.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
);

const body = canonical(
  [
    '<p>面积3×10<sup>4</sup>m<sup>2</sup>，投入10<sup>8</sup>元，CO<sub>2</sub>浓度，X<sup>甲</sup></p>',
    '<p>前往<ruby>蔚<rt>yù</rt></ruby>县</p>',
    '<pre>首班  06:00\n末班  21:30</pre>',
    '<ol start="3"><li>第三件</li><li value="7">第七件</li></ol>',
    '<p>见附注<sup>[1]</sup></p>',
    '<p>价格<del>1.80</del><ins>2.80</ins>元</p>',
    '<p class="right">县应急局</p><p class="right">2026年11月20日</p>',
  ].join(''),
  new Set(),
).html;

describe.each(names)('channel %s', (name) => {
  let channel: Channel;
  let sandbox: RunningSandbox;
  let ground: TestGround;
  let account: Account<unknown, unknown>;
  let call: StepCall;
  let rendition: Rendition<unknown>;

  beforeAll(async () => {
    channel = (await loadChannels(folders)).get(name) as Channel;
    sandbox = await startSandbox(channel.sandbox());
    ground = await openGround(channel, [sandbox.url]);
    const ready = sandbox.account(1);
    account = {
      id: `a${name}`,
      name: ready.name,
      organization: '示例市人民政府办公室',
      region: '350100',
      settings: channel.accountSchema.settings.parse(ready.settings),
      credentials: channel.accountSchema.credentials.parse(ready.credentials),
    };
    const release = { ...specimenRelease('水质月报'), body, summary: '' };
    call = ground.callFor(`${release.release}-${account.id}-1`, release);
    rendition = channel.render(release, account);
  });
  afterAll(async () => {
    await ground.close();
    await sandbox.close();
  });

  /** The preview's markup, with that of drawings inside it. */
  const shown = (): string =>
    rendition.preview.replace(/data:image\/svg\+xml;base64,([^"]+)/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    );
  const read = (): string => `${rendition.expected.text}${shown().replace(/<[^>]*>/g, '')}`.replace(/\s+/g, '');

  it.each([
    '3×10⁴m²',
    '10⁸元',
    'CO₂浓度',
    'X^(甲)',
    '蔚（yù）县',
    '首班06:00',
    '见附注[1]',
    '价格（已划去：1.80）2.80元',
    '县应急局',
  ])('says %s', (words) => {
    expect(read()).toContain(words);
    expect(rendition.expected.text).not.toMatch(/104m|108元|CO2|蔚yù|1\.802\.80/);
  });

  it('shows the lines of preformatted text as lines', () => {
    expect(shown()).toMatch(/06:00(\n|<br>|<\/text>)/);
  });

  it('keeps the numbers of a list that goes on', () => {
    expect(shown()).toMatch(/<ol start="3"><li>第三件.*<li value="7">第七件|3\. 第三件[^]*7\. 第七件/);
  });

  it('verifies what it published, and not the same with the figures on the line', async () => {
    const acceptance = await byHand(
      sandbox,
      { account, call, rendition },
      await channel.publish(account, rendition, call),
    );
    if (!('remote' in acceptance) || !acceptance.remote) throw new Error('nothing was published');
    const verify = async (signed: Rendition<unknown>): Promise<string> => {
      for (let tries = 0; tries < 40; tries += 1) {
        const { outcome } = await channel.verify(account, acceptance.remote as never, signed, call);
        if (outcome !== 'pending' && outcome !== 'published') return outcome;
        await new Promise((wait) => setTimeout(wait, 50));
      }
      return 'never';
    };
    expect(await verify(rendition)).toBe('verified');
    const flat = structuredClone(rendition);
    flat.expected.text = flatten(rendition.expected.text);
    if (typeof flat.payload === 'object' && flat.payload && 'words' in flat.payload)
      flat.payload.words = flatten(String(flat.payload.words));
    expect(flat.expected.text).not.toBe(rendition.expected.text);
    expect(await verify(flat)).toBe('mismatch');
  });
});

function flatten(text: string): string {
  return text.replace('10⁴', '104').replace('10⁸', '108');
}
