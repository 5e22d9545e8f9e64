/**
 * The face of a MongoDB server and nothing behind it: it answers each command as it is told to, or cuts the connection, and
 * keeps what it was asked. Where a test needs a member that is too old, has stepped down or falls silent.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import mongoose from 'mongoose';
import { commandOf, eachMessage, replyTo, type Command } from '../../chaos/mongo-messages.js';

const { BSON } = mongoose.mongo;

export type { Command };
/** What it answers; `cut`: nothing, and the connection is gone. Undefined: as a member that is well would. */
export type Answer = Command | 'cut' | undefined;

export interface MongoFace {
  port: number;
  /** Every command but those by which the driver looks around. */
  asked: Command[];
  close(): Promise<void>;
}

interface Shape {
  /** Beside what every member says of itself. */
  hello?: Command | undefined;
  version?: string;
  answer?: (name: string, command: Command) => Answer;
  /** Then it goes by the name `localhost`, which its certificate holds. */
  tls?: TlsOptions | undefined;
}

const looks = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions']);

/** A member of the set `rs0`, its primary, unless told otherwise. */
export async function openMongoFace({ hello, version = '7.0.0', answer, tls }: Shape = {}): Promise<MongoFace> {
  const asked: Command[] = [];
  const open = new Set<Socket>();
  const listen = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
    eachMessage(socket, (message) => {
      const { name, command } = commandOf(message);
      if (!looks.has(name)) asked.push(command);
      const said = answer?.(name, command) ?? usual(name, command, server, { hello, version, tls });
      if (said === 'cut') socket.destroy();
      else socket.write(replyTo(message, said));
    });
  };
  const server: Server = tls ? createTlsServer(tls, listen) : createServer(listen);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function usual(name: string, command: Command, server: Server, { hello, version, tls }: Shape): Command {
  const host = tls ? 'localhost' : '127.0.0.1';
  const me = `${host}:${(server.address() as AddressInfo).port}`;
  switch (name) {
    case 'hello':
    case 'ismaster':
    case 'isMaster':
      return {
        ...{ ok: 1, helloOk: true, isWritablePrimary: true, ismaster: true, setName: 'rs0', hosts: [me], me },
        ...{ maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
        ...{ minWireVersion: 0, maxWireVersion: 21, logicalSessionTimeoutMinutes: 30, readOnly: false },
        ...hello,
      };
    case 'buildInfo':
      return { ok: 1, version };
    case 'find':
    case 'aggregate':
      return { ok: 1, cursor: { id: BSON.Long.ZERO, ns: `x.${String(command[name])}`, firstBatch: [] } };
    default:
      return { ok: 1, n: 1, nModified: 1 };
  }
}
