/**
 * `npm run chaos -- feed`: a feed that is cut to its newest hundred, with a hundred and fifty new alerts between two
 * looks. A hundred become drafts, each once, and the feed says that it may have missed some.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { addInlet, inletInput } from '../core/alerts/inlets.js';
import { addSource } from '../core/alerts/sources.js';
import { capOf } from './cap-message.js';
import { openWorld } from './world.js';

const listed = 100;
const between = 150;
/** Seconds that either look is waited for. */
const longest = 600;
const sender = 'weather@alert.example';
const by = { person: 'chaos' };

/** Answers whether it came to that. */
export async function feed(): Promise<boolean> {
  let shown = feedFrom(0);
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/atom+xml' }).end(shown);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = await openWorld([url], { parts: [{ name: 'clock', roles: 'clock' }] });
  const { store } = world.hub;
  try {
    const source = { sender, name: '示例省气象台', signed: false, hourly: 1_000, enabled: true };
    await addSource(store, source, { path: '' }, by);
    const input = inletInput.parse({ is: 'feed', name: '示例省气象台', address: `${url}/feed.xml`, every: 30 });
    const { _id: inlet } = await addInlet(store, input, { path: '' }, by);
    await drafts(listed);
    const before = (await store.alertInlets.findById(inlet).lean())?.missed !== undefined;
    shown = feedFrom(between);
    const made = await drafts(2 * listed);
    const missed = (await store.alertInlets.findById(inlet).lean())?.missed !== undefined;
    const titles = (await store.releases.find({}, { title: 1 }).lean()).map(({ title }) => title);
    const twice = titles.length - new Set(titles).size;
    console.log(JSON.stringify({ listed, between, drafts: made, missed, twice }));
    return made === 2 * listed && missed && !before && twice === 0;
  } finally {
    await world.close();
    server.close();
  }

  async function drafts(wanted: number): Promise<number> {
    for (const end = Date.now() + longest * 1_000; ; await pause(500)) {
      const count = await store.alerts.countDocuments({ state: 'drafted', sender });
      process.stderr.write(`\r  ${count}/${wanted}`);
      if (count < wanted && Date.now() < end) continue;
      // What would come too much comes now.
      await pause(3_000);
      process.stderr.write('\n');
      return store.alerts.countDocuments({ state: 'drafted', sender });
    }
  }
}

/** The newest first, as feeds are. */
function feedFrom(first: number): string {
  const sent = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000);
  const entries = Array.from({ length: listed }, (_, n) => first + listed - 1 - n).map((n) => {
    const at = new Date(sent.getTime() + n * 1_000);
    const message = capOf({
      ...{ sender, identifier: `feed-${n}`, headline: `第${n}号台风预警`, sent: at },
      expires: new Date(sent.getTime() + 86_400_000),
    }).replace(/<\?xml.*\?>/, '');
    return `<entry><id>feed-${n}</id><title>${n}</title><updated>${at.toISOString()}</updated><content type="application/cap+xml">${message}</content></entry>`;
  });
  return `<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title><updated>${new Date().toISOString()}</updated>${entries.join('')}</feed>`;
}
