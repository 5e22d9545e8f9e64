/** haproxy before the servers, by the very file that we ship, with a certificate made for this run. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, setGlobalDispatcher } from 'undici';
import { freePort } from '../core/free-port.js';

export interface Balancer {
  url: string;
  /** For the processes of the hub, which read their own pages through it. */
  env: NodeJS.ProcessEnv;
  /** Resolves when what stands behind it has started and answers steadily. */
  ready(): Promise<void>;
  close(): void;
}

/** Where Debian installs what is not for everybody. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;
const config = join(import.meta.dirname, '..', '..', 'deploy', 'haproxy.cfg');

/** From now on requests of this process, too, believe its certificate. */
export async function startBalancer(folder: string, servers: readonly [number, number]): Promise<Balancer> {
  const port = await freePort();
  const own = join(folder, 'balancer');
  mkdirSync(own, { recursive: true });
  const [key, certificate, both] = ['key', 'certificate', 'both'].map((name) => join(own, `${name}.pem`)) as [
    string,
    string,
    string,
  ];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=hub', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const ca = readFileSync(certificate, 'utf8');
  writeFileSync(both, ca + readFileSync(key, 'utf8'), { mode: 0o600 });
  setGlobalDispatcher(new Agent({ connect: { ca } }));
  const [one, two] = servers.map((server) => `127.0.0.1:${server}`);
  const child = spawn('haproxy', ['-db', '-f', config], {
    env: { PATH: path, HUB_ADDRESS: `127.0.0.1:${port}`, HUB_CERTIFICATE: both, HUB_SERVER_1: one, HUB_SERVER_2: two },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    env: { NODE_EXTRA_CA_CERTS: certificate },
    async ready() {
      let steady = 0;
      for (const until = Date.now() + 180_000; steady < 20; await pause(100)) {
        if (child.exitCode !== null) throw new Error(`haproxy ended with ${child.exitCode}`);
        if (Date.now() > until) throw new Error('the hub behind haproxy does not answer steadily');
        const began = Date.now();
        const answer = await fetch(`${url}/api/openapi.json`).catch(() => undefined);
        steady = answer?.ok && Date.now() - began < 1_000 ? steady + 1 : 0;
      }
    },
    close: end,
  };
}
