import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutbound, isInnerAddress, TransportError } from './outbound.js';

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/cut') request.socket.destroy();
    else if (request.url === '/large') response.end('x'.repeat(5_000));
    else if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    else if (request.url !== '/hang') response.writeHead(418).end('teapot');
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function failure(url: string, allowed: string[], options = {}): Promise<TransportError> {
  const http = createOutbound(allowed);
  const error: unknown = await http.request(url, options).catch((thrown: unknown) => thrown);
  await http.close();
  if (!(error instanceof TransportError)) throw new Error(`expected a TransportError, had ${String(error)}`);
  return error;
}

describe('the door out', () => {
  it.each([
    'http://127.0.0.1:1/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://192.168.1.1/',
    'http://2130706433/',
  ])('does not reach %s', async (url) => {
    expect(await failure(url, [])).toMatchObject({ reason: 'not-allowed', mayHaveLanded: false });
  });

  it('does not reach a name that resolves to an inner address', async () => {
    const error = await failure('http://localhost:9/', []);
    expect(error.mayHaveLanded).toBe(false);
    expect(error.reason).toBe('not-allowed');
  });

  it('reaches an inner origin that was named, and takes any status for an answer', async () => {
    const http = createOutbound([origin]);
    const answer = await http.request(`${origin}/`);
    expect([answer.status, answer.text()]).toEqual([418, 'teapot']);
    await http.close();
  });

  it('sends nothing that was asked for before this process stood still: another may have sent it meanwhile', async () => {
    const http = createOutbound([origin]);
    let arrived = 0;
    const count = (): void => void (arrived += 1);
    server.on('request', count);
    // From each look at the clock to the next, the process stands still; it wakes with its connection made.
    let now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 43_000));
    const asked = http.request(`${origin}/`, { method: 'POST', body: 'once' });
    await expect(asked).rejects.toMatchObject({ reason: 'aborted', mayHaveLanded: false });
    clock.mockRestore();
    expect((await http.request(`${origin}/`)).status).toBe(418);
    server.off('request', count);
    expect(arrived).toBe(1);
    await http.close();
  });

  it('does not follow a redirect', async () => {
    const http = createOutbound([origin]);
    expect((await http.request(`${origin}/away`)).status).toBe(302);
    await http.close();
  });

  it('knows that a refused connection never landed', async () => {
    expect(await failure('http://127.0.0.1:1/', ['http://127.0.0.1:1'])).toMatchObject({
      reason: 'no-connection',
      mayHaveLanded: false,
    });
  });

  it('knows that a cut answer may have landed', async () => {
    expect(await failure(`${origin}/cut`, [origin])).toMatchObject({ mayHaveLanded: true });
  });

  it('gives up on a server that hangs', async () => {
    expect(await failure(`${origin}/hang`, [origin], { timeout: 50 })).toMatchObject({
      reason: 'timeout',
      mayHaveLanded: true,
    });
  });

  it('does not read an answer without end', async () => {
    expect(await failure(`${origin}/large`, [origin], { maxBytes: 1_000 })).toMatchObject({ reason: 'too-large' });
  });
});

describe('the circuit breaker', () => {
  it('leaves a host alone after thirty failures in a row, says when it is tried again, and spares the others', async () => {
    const http = createOutbound(['http://127.0.0.1:1', origin]);
    const ask = (): Promise<unknown> => http.request('http://127.0.0.1:1/').catch((thrown: unknown) => thrown);
    for (let n = 0; n < 30; n += 1) expect(await ask()).toMatchObject({ reason: 'no-connection' });
    const broken = (await ask()) as TransportError;
    expect(broken).toMatchObject({ reason: 'circuit-open', mayHaveLanded: false });
    expect(broken.retryAt?.getTime()).toBeGreaterThan(Date.now());
    expect((await http.request(`${origin}/`)).status).toBe(418);
    await http.close();
  });
});

describe('inner addresses', () => {
  it.each([
    ['8.8.8.8', false],
    ['2400:3200::1', false],
    ['100.64.0.1', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['fe80::1', true],
    ['fd00::1', true],
  ])('%s: %s', (address, inner) => {
    expect(isInnerAddress(address)).toBe(inner);
  });
});
