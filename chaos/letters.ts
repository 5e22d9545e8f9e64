/**
 * `npm run chaos -- letters [UNITS]`: a night in which every unit's duty officer is to be told by mail, and the mail
 * server cuts every line each 2,500 letters without a word, while one clock is killed in the middle. It goes on where it
 * stopped: everybody is told, and a copy there is only of what was under way at a cut, under the same number.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { itemId } from '../core/callouts/book.js';
import { saveSettings } from '../core/callouts/settings.js';
import type { Hub } from '../core/hub/hub.js';
import { openWorld } from './world.js';

const cutEvery = 2_500;
/** Letters that one clock has under way at once: see workers/callouts/caller.ts. */
const underWay = 64;
/** Seconds without a letter after which nothing more is waited for: longer than a claim holds. */
const patience = 150;
const pieces = 500;

interface Post {
  server: Server;
  /** Message-IDs by whom they were for, as often as each came. */
  came: Map<string, string[]>;
  letters: number;
  cuts: number;
}

/** Answers whether everybody was told, and nobody by two numbers. */
export async function letters(args: string[]): Promise<boolean> {
  const units = Number(args[0] ?? 6_000);
  const post = await openPost();
  const { port } = post.server.address() as AddressInfo;
  const world = await openWorld([`http://127.0.0.1:${port}`], {
    parts: ['clock-1', 'clock-2'].map((name) => ({ name, roles: 'clock' })),
  });
  try {
    const mail = { host: '127.0.0.1', port, secure: false, from: 'duty@hub.example' };
    await saveSettings(world.hub, { person: 'chaos' }, { mail });
    await fill(world.hub, units);
    let killed = false;
    let [last, lastAt] = [0, Date.now()];
    while (post.came.size < units && Date.now() - lastAt < patience * 1_000) {
      await pause(500);
      if (post.letters !== last) [last, lastAt] = [post.letters, Date.now()];
      if (!killed && post.came.size > units / 2) {
        world.kill('clock-1');
        world.kill('clock-2');
        killed = true;
      }
      process.stderr.write(`\r  ${post.came.size}/${units}, ${post.letters} letters, ${post.cuts} cuts`);
    }
    // What was cut off is tried again, though it had come.
    await pause(30_000);
    return judged(units, post);
  } finally {
    await world.close();
    post.server.close();
  }
}

function judged(units: number, { came, letters: all, cuts }: Post): boolean {
  const missing = units - came.size;
  const renumbered = [...came.values()].filter((ids) => new Set(ids).size > 1).length;
  const copies = all - came.size;
  // At each cut, and as the clocks were killed, no more than was under way.
  const mostCopies = underWay * (cuts + 2);
  process.stderr.write('\n');
  console.log(JSON.stringify({ units, missing, copies, mostCopies, renumbered, cuts }));
  return missing === 0 && renumbered === 0 && copies <= mostCopies;
}

/** As much of a mail server as a letter needs. */
async function openPost(): Promise<Post> {
  const open = new Set<Socket>();
  const post: Post = { server: createServer(), came: new Map(), letters: 0, cuts: 0 };
  post.server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    let [text, data, to] = ['', false, ''];
    const answer = (line: string): void => void socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      if (/^RCPT TO:<(.*)>/i.test(line)) to = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? '';
      if (/^DATA/i.test(line)) data = true;
      answer(/^DATA/i.test(line) ? '354 go on' : /^QUIT/i.test(line) ? '221 bye' : '250 ok');
    };
    answer('220 post');
    socket.on('data', (piece) => {
      text += piece.toString('utf8');
      for (;;) {
        const end = text.indexOf(data ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const part = text.slice(0, end);
        text = text.slice(end + (data ? 5 : 2));
        if (!data) {
          take(part);
          continue;
        }
        data = false;
        post.came.set(to, [...(post.came.get(to) ?? []), /^Message-ID: (.*)$/im.exec(part)?.[1] ?? '']);
        post.letters += 1;
        if (post.letters % cutEvery > 0) answer('250 taken');
        else {
          post.cuts += 1;
          for (const one of open) one.destroy();
        }
      }
    });
  });
  await new Promise<void>((done) => post.server.listen(0, '127.0.0.1', done));
  return post;
}

/** Units with one duty officer each, and one account each that asks for a hand. */
async function fill({ store }: Hub, units: number): Promise<void> {
  const at = new Date();
  const release = 'rletters';
  const common = { kind: 'emergency', path: '', createdBy: 'chaos', createdAt: at, updatedAt: at };
  await store.releases.collection.insertOne({
    ...{ _id: release, title: '台风红色预警', revision: 'v', revisions: 1, ...common },
  } as never);
  for (let from = 0; from < units; from += pieces) {
    const part = Array.from({ length: Math.min(pieces, units - from) }, (_, n) => from + n);
    const named = part.map((n) => ({ unit: `u${n}`, account: `a${n}`, path: `u${n}/` }));
    const rows = named.map(({ unit, account }) => ({
      ...{ _id: `${release}-${account}`, release, channel: 'relay', account, organization: unit, region: '350000' },
      ...{
        lane: 'emergency',
        orders: [{ seq: 1, revision: 'v' }],
        state: 'needs_action',
        since: at,
        halt: 'needs_action',
      },
      ...{ recent: [], open: [], doubted: [], unsure: [], standing: [], settled: 1, run: '', oldestRun: '' },
      ...{ attempts: 1, version: 1 },
    }));
    await store.organizations.collection.insertMany(
      named.map(({ unit, path }) => ({ _id: unit, name: unit, path, region: '350000' })) as never[],
    );
    await store.accounts.collection.insertMany(
      named.map(({ unit, account, path }) => ({
        ...{ _id: account, channel: 'relay', name: account, organization: unit, path, region: '350000' },
        ...{ tags: [], enabled: true, settings: {}, sealed: '-', createdAt: at },
      })) as never[],
    );
    await store.dutyEntries.collection.insertMany(
      named.map(({ unit, path }) => ({
        ...{ _id: `y-${unit}`, organization: unit, path, step: 1, name: unit, mail: `${unit}@post.example` },
        ...{ by: 'chaos', at },
      })) as never[],
    );
    await store.placements.collection.insertMany(rows as never[]);
    await store.askings.collection.insertMany(
      rows.map((row) => ({ _id: itemId(row), placement: row._id, lane: 'emergency', since: at })) as never[],
    );
  }
}
