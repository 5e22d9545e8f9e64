/** Addresses that lead to a platform, and can be down, or take a request and leave it without an answer. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../core/free-port.js';

export interface Host {
  url: string;
  /** From now on; what is under way breaks off. */
  be(state: 'up' | 'down' | 'hanging'): Promise<void>;
  close(): Promise<void>;
}

/** `to`: address of the platform. */
export async function openHost(to: string): Promise<Host> {
  const { hostname, port: target } = new URL(to);
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let hanging = false;

  function meet(socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (hanging) return;
    const on = connect(Number(target), hostname);
    on.on('error', () => socket.destroy());
    socket.once('close', () => on.destroy());
    on.once('close', () => socket.destroy());
    socket.pipe(on).pipe(socket);
  }

  async function end(): Promise<void> {
    const ended = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((done) => (ended ? ended.close(() => done()) : done()));
  }

  async function begin(): Promise<void> {
    const opened = createServer(meet);
    server = opened;
    await new Promise<void>((done, fail) => {
      opened.once('error', fail);
      opened.listen(port, '127.0.0.1', done);
    });
  }

  await begin();
  return {
    url: `http://127.0.0.1:${port}`,
    async be(state) {
      await end();
      hanging = state === 'hanging';
      if (state !== 'down') await begin();
    },
    close: end,
  };
}
