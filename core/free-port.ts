import { createServer, type AddressInfo } from 'node:net';

/** A port of loopback that nobody uses: the first from `from` on, or any where that is 0. Throws where a hundred are taken. */
export async function freePort(from = 0): Promise<number> {
  for (let port = from; port < from + 100; port += 1) {
    const free = await tryPort(port);
    if (free !== undefined) return free;
  }
  throw new Error(`no free port between ${from} and ${from + 100}`);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer()
      .once('error', () => {
        done(undefined);
      })
      .listen(port, '127.0.0.1', () => {
        const taken = (server.address() as AddressInfo).port;
        server.close(() => {
          done(taken);
        });
      });
  });
}
