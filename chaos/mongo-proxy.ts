/**
 * Stands between the hub and the one member of the wire server, which cannot elect: cuts every connection and takes none for
 * a while, falls silent, or hands a write on and keeps its answer to itself. What MongoDB promises of a write that is tried
 * again under its number, that it is done once and answered the same, the wire server does not keep; it is kept here.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { freePort } from '../core/free-port.js';
import { answering, answers, commandOf, eachMessage, numberOf, type Command } from './mongo-messages.js';

export interface MongoProxy {
  uri: string;
  /** As when a primary dies: all connections are cut, and for so many ms nobody takes new ones. */
  elect(ms: number): Promise<void>;
  /** As when a primary stands still: connections stay, and nothing goes through. */
  silence(ms: number): Promise<void>;
  /** The next so many writes and commits are done, and their connection is cut before the answer. */
  lose(answers: number): void;
  counts(): { elections: number; silences: number; lost: number; repeated: number };
  close(): Promise<void>;
}

const changing = new Set(['insert', 'update', 'delete', 'commitTransaction']);

interface Waiting {
  name: string;
  /** Of a write that its driver may try again, or of a commit. */
  once: string | undefined;
}

/** `uri`: of the server. */
export async function openMongoProxy(uri: string): Promise<MongoProxy> {
  const theirs = Number(/:(\d+)\//.exec(uri)?.[1]);
  const mine = await portAsLongAs(theirs);
  const remembered = new Map<string, Buffer>();
  const open = new Set<Socket>();
  const count = { elections: 0, silences: 0, lost: 0, repeated: 0 };
  let [refuses, silent, losing] = [false, false, 0];

  const server = createServer((client) => {
    if (refuses) {
      client.destroy();
      return;
    }
    const behind = connect(theirs, '127.0.0.1');
    const waiting = new Map<number, Waiting>();
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(one);
      if (silent) one.pause();
      one
        .on('error', () => undefined)
        .once('close', () => {
          open.delete(one);
          other.destroy();
        });
    }
    eachMessage(client, (message) => {
      const { name, command } = commandOf(message);
      const number = onceOf(name, command);
      const before = number === undefined ? undefined : remembered.get(number);
      if (before) {
        count.repeated += 1;
        client.write(answering(before, numberOf(message)));
        return;
      }
      waiting.set(numberOf(message), { name, once: number });
      behind.write(message);
    });
    eachMessage(behind, (message) => {
      const asked = waiting.get(answers(message));
      waiting.delete(answers(message));
      if (asked?.once !== undefined) remembered.set(asked.once, message);
      if (losing > 0 && asked?.once !== undefined && changing.has(asked.name)) {
        losing -= 1;
        count.lost += 1;
        client.destroy();
      } else client.write(withPort(message, theirs, mine));
    });
  });
  server.listen(mine, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

  return {
    uri: uri.replace(`:${theirs}/`, `:${(server.address() as AddressInfo).port}/`),
    async elect(ms) {
      count.elections += 1;
      refuses = true;
      cut();
      await pause(ms);
      refuses = false;
    },
    async silence(ms) {
      count.silences += 1;
      silent = true;
      for (const socket of open) socket.pause();
      await pause(ms);
      silent = false;
      for (const socket of open) socket.resume();
    },
    lose(more) {
      losing += more;
    },
    counts: () => ({ ...count }),
    async close() {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
}

/** What names one write, however often it is sent; undefined for what is not tried again by the driver. */
function onceOf(name: string, command: Command): string | undefined {
  const { lsid, txnNumber, autocommit } = command as {
    lsid?: { id?: { toString(encoding: 'hex'): string } };
    txnNumber?: unknown;
    autocommit?: unknown;
  };
  if (txnNumber === undefined || (autocommit === false && name !== 'commitTransaction')) return undefined;
  return `${name} ${lsid?.id?.toString('hex') ?? ''} ${String(txnNumber)}`;
}

/** The server names itself by its own address; whoever is told must come back through here. */
function withPort(message: Buffer, theirs: number, mine: number): Buffer {
  const [from, to] = [`127.0.0.1:${theirs}`, `127.0.0.1:${mine}`];
  if (!message.includes(from)) return message;
  return Buffer.from(message.toString('latin1').replaceAll(from, to), 'latin1');
}

async function portAsLongAs(port: number): Promise<number> {
  for (;;) {
    const found = await freePort();
    if (String(found).length === String(port).length) return found;
  }
}
