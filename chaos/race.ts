/** `npm run chaos -- race`: two signers press together, each at a server process of their own; of each pair exactly one signs. */
import { signIn, type Seat } from '../bench/two-people.js';
import { freePort } from '../core/free-port.js';
import { newId } from '../core/ids.js';
import type { Role } from '../core/model/roles.js';
import { addPerson } from '../core/people/add.js';
import { makeUnit } from './accounts.js';
import { openWorld, type World } from './world.js';

const rounds = 200;
/** Answers whether each pair had one winner, one order, and a loser who was told who and when. */
export async function race(): Promise<boolean> {
  const ports = [await freePort(), await freePort()] as const;
  const world = await openWorld([], {
    parts: ports.map((port, n) => ({ name: `server-${n}`, roles: 'server', port })),
  });
  try {
    await settle(world);
    const [one = '', other = ''] = ports.map((port) => `http://127.0.0.1:${port}`);
    const writer = await signIn(one, 'writer');
    const signers = [await signIn(one, 'signer-1'), await signIn(other, 'signer-2')];
    const counts = { rounds: 0, bothWon: 0, noneWon: 0 };
    let untold = 0;
    for (; counts.rounds < rounds; counts.rounds += 1) {
      const { id, release } = await submitted(writer, counts.rounds);
      const answers = await Promise.all(signers.map((signer) => sign(signer, id)));
      const won = answers.filter(({ status }) => status === 202).length;
      const orders = await world.hub.store.orders.countDocuments({ release });
      if (won > 1 || orders > 1) counts.bothWon += 1;
      if (won < 1 || orders < 1) counts.noneWon += 1;
      if (!answers.some(({ status, code }) => status === 409 && code === 'review_decided')) untold += 1;
      process.stderr.write(`\r  ${counts.rounds + 1}/${rounds}`);
    }
    process.stderr.write(`\n  ${untold} losers were not told who was first\n`);
    console.log(JSON.stringify(counts));
    return counts.bothWon + counts.noneWon + untold === 0;
  } finally {
    await world.close();
  }
}

async function settle({ hub }: World): Promise<void> {
  await makeUnit(hub);
  const [unit] = await hub.store.organizations.find({}).limit(1).lean();
  if (!unit) throw new Error('there is no unit');
  const place = { organization: unit._id, path: unit.path };
  const person = (name: string, role: Role) =>
    addPerson(hub, { name, displayName: name, password: name, roles: [role], unit: place });
  await person('writer', 'writer');
  for (const name of ['signer-1', 'signer-2']) await person(name, 'signer');
  const id = newId('a');
  await hub.store.accounts.create({
    _id: id,
    channel: 'website',
    name: '门户',
    ...place,
    region: unit.region,
    tags: [],
    enabled: true,
    settings: {
      type: 'builtin',
      site: 'race',
      siteName: '门户',
      siteDomain: 'www.example.gov.cn',
      siteIdCode: '1401000001',
    },
    sealed: hub.vault.seal(id, {}),
    credential: { state: 'ok' },
    createdAt: new Date(),
  });
}

async function submitted(writer: Seat, round: number): Promise<{ id: string; release: string }> {
  const title = `第${round + 1}轮通知`;
  const content = {
    title,
    source: '示例省人民政府办公室',
    body: { format: 'text', content: `${title}：请按要求执行。` },
  };
  const { release } = await writer.ask<{ release: { id: string; revision: { id: string } } }>(
    'POST',
    '/releases',
    content,
  );
  const submission = { revision: release.revision.id, audience: {} };
  const { id } = await writer.ask<{ id: string }>('POST', `/releases/${release.id}/submit`, submission);
  return { id, release: release.id };
}

async function sign(signer: Seat, id: string): Promise<{ status: number; code: string | undefined }> {
  const { status, body } = await signer.try('POST', `/reviews/${id}/sign`, { password: signer.password });
  return { status, code: (body as { error?: { code: string } }).error?.code };
}
