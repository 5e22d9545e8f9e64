/** A long body is rendered in a thread, in proportion to its length, and as the channel itself renders it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadChannels } from '../../channels/registry.js';
import { specimenRelease } from '../../test/support/call.js';
import { canonical } from '../body/canonical.js';
import { closeThreads } from './pool.js';
import { renderBeside } from './render.js';

const folder = join(__dirname, '..', '..', 'channels');
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

afterAll(closeThreads);

const bodies: [string, string][] = [
  ['a table of 2,500 rows', `<table>${'<tr><td>甲<td>乙'.repeat(2_500)}</table>`],
  ['5,000 paragraphs', '<p>甲乙丙丁'.repeat(5_000)],
  ['1,500 links', Array.from({ length: 1_500 }, (_, n) => `<p><a href="https://a.cn/${n}">甲</a>`).join('')],
];

it.each(names.flatMap((name) => bodies.map(([label, html]) => [name, label, html] as const)))(
  '%s renders %s in a thread, not in the process that publishes',
  async (name, _, html) => {
    const channel = (await loadChannels([folder])).get(name);
    if (!channel) throw new Error(`no channel ${name}`);
    const settings = channel.accountSchema.settings.parse(await settingsOf(channel));
    const profile = { id: 'a1', name: '甲', organization: '示例市人民政府', region: '350100', settings };
    const release = { ...specimenRelease('长文', 0), signedAt: new Date(0), body: canonical(html, new Set()).html };
    const here = jest.spyOn(channel, 'render');
    expect((await renderBeside(channel, release, profile, [])).expected.title).toContain('长文');
    expect(here).not.toHaveBeenCalled();
  },
);

async function settingsOf(channel: { sandbox(): unknown }): Promise<unknown> {
  const { startSandbox } = await import('../../channels/sandbox.js');
  const sandbox = await startSandbox(channel.sandbox() as never);
  try {
    return sandbox.account(1).settings;
  } finally {
    await sandbox.close();
  }
}
