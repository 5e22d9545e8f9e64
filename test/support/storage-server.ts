/**
 * An object storage for tests: s3rver, which keeps the objects, behind a gate that does what s3rver leaves out and storages
 * do (checks the signature, with the signer of AWS's own SDK; answers conditions on writing; writes and reads one object
 * whole), that watches every request, and that can be away, hold one request back, or refuse conditions as OSS does.
 */
import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import S3rver from 's3rver';
import type { StoragePlace } from '../../core/storage/place.js';
import { openStorage, type Storage } from '../../core/storage/storage.js';

export interface Watched {
  method: string;
  /** Of the object, below the bucket. */
  name: string;
  /** What was to be written. */
  body: Buffer;
  status: number;
}

export interface StorageServer {
  place: StoragePlace;
  env: { STORAGE_URL: string; STORAGE_ACCESS_KEY: string; STORAGE_SECRET_KEY: string };
  /** Answered requests, in their order. */
  watched: Watched[];
  /** Names of the objects that are there. */
  names: ReadonlySet<string>;
  /** Hears of each write before it is done. */
  onWrite?: ((name: string, body: Buffer) => void) | undefined;
  away: boolean;
  /** As AWS, MinIO and Ceph · as Alibaba Cloud's OSS, which says that it knows none · as s3rver, which overlooks them. */
  conditions: 'kept' | 'refused' | 'overlooked';
  /** The next such request is held back from when it has come until it is let go. */
  hold(method: string, name: RegExp): { came: Promise<void>; go(): void };
  /** The files as one machine sees them. */
  machine(report?: (error: unknown) => void): Storage;
  close(): Promise<void>;
}

/** The key that s3rver knows. */
const key = 'S3RVER';
const region = 'cn-example-1';

export async function startStorage(): Promise<StorageServer> {
  const directory = mkdtempSync(join(tmpdir(), 'lianfa-storage-'));
  const options = { port: 0, address: '127.0.0.1', silent: true, directory };
  const kept = new S3rver({ ...options, configureBuckets: [{ name: 'lianfa' }] });
  const { port } = await kept.run();
  const turns = new Map<string, Promise<unknown>>();
  const held: { method: string; name: RegExp; came: () => void; gone: Promise<void> }[] = [];
  const names = new Set<string>();
  const machines: Storage[] = [];

  /** One object has one request at a time, so that nobody reads what is half written. */
  function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work, work);
    turns.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async function passed(request: IncomingMessage, body: Buffer, name: string): Promise<Answer> {
    const refused = await signatureFault(request, body);
    if (refused) return fault(403, refused);
    const { headers, method = '' } = request;
    const conditional = headers['if-match'] ?? (method === 'PUT' ? headers['if-none-match'] : undefined);
    if (conditional !== undefined && storage.conditions === 'refused' && method === 'PUT')
      return fault(400, 'NotImplemented');
    return inTurn(name, async () => {
      if (conditional !== undefined && storage.conditions === 'kept') {
        const there = await forward(port, request, 'HEAD', Buffer.alloc(0));
        const etag = there.status < 300 ? String(there.headers['etag']) : undefined;
        if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
          return etag === undefined ? fault(404, 'NoSuchKey') : fault(412, 'PreconditionFailed');
        if (headers['if-none-match'] === '*' && etag !== undefined) return fault(412, 'PreconditionFailed');
      }
      if (method === 'PUT') storage.onWrite?.(name, body);
      const answer = await forward(port, request, method, body);
      if (method === 'PUT' && answer.status === 200) names.add(name);
      if (method === 'DELETE') names.delete(name);
      return answer;
    });
  }

  const gate = createServer((request, response) => {
    void (async () => {
      if (storage.away) return request.socket.destroy();
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      const body = Buffer.concat(parts);
      const { method = '', url = '' } = request;
      const name = decodeURIComponent(url.replace(/\?.*$/, '')).replace(/^\/lianfa\//, '');
      const place = held.findIndex((one) => one.method === method && one.name.test(name));
      const [hold] = place < 0 ? [] : held.splice(place, 1);
      hold?.came();
      await hold?.gone;
      const answer = await passed(request, body, name);
      storage.watched.push({ method, name, body, status: answer.status });
      response.writeHead(answer.status, answer.headers);
      response.end(method === 'HEAD' ? undefined : answer.body);
    })().catch(() => request.socket.destroy());
  });
  await new Promise<void>((done) => gate.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(gate.address() as AddressInfo).port}/lianfa`;
  const place = { address, region, accessKey: key, secretKey: key, caFile: undefined };

  const storage: StorageServer = {
    place,
    env: { STORAGE_URL: `${address}?region=${region}`, STORAGE_ACCESS_KEY: key, STORAGE_SECRET_KEY: key },
    watched: [],
    names,
    away: false,
    conditions: 'kept',
    hold(method, name) {
      let came = (): void => undefined;
      let go = (): void => undefined;
      const coming = new Promise<void>((done) => (came = done));
      const gone = new Promise<void>((done) => (go = done));
      held.push({ method, name, came, gone });
      return { came: coming, go };
    },
    machine(report = () => undefined) {
      const made = openStorage({ storage: place, dataFolder: '/nowhere' }, report);
      machines.push(made);
      return made;
    },
    async close() {
      await Promise.all(machines.map((machine) => machine.close()));
      gate.closeAllConnections();
      await new Promise((done) => gate.close(done));
      await kept.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return storage;
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

function fault(status: number, code: string): Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`);
  return { status, headers: { 'content-type': 'application/xml', 'content-length': String(body.length) }, body };
}

/** To s3rver, which knows neither conditions on writing nor on part of an object. */
function forward(port: number, { url, headers }: IncomingMessage, method: string, body: Buffer): Promise<Answer> {
  const left = new Set(['if-match', 'if-none-match', 'connection', ...(method === 'PUT' ? [] : ['content-length'])]);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
  return new Promise((done, fail) => {
    const asked = send({ port, host: '127.0.0.1', method, path: url, headers: kept }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const { connection: _, 'keep-alive': __, ...own } = answer.headers;
        done({ status: answer.statusCode ?? 500, headers: own, body: Buffer.concat(parts) });
      });
    });
    asked.on('error', fail);
    asked.end(method === 'PUT' ? body : undefined);
  });
}

class Sha256 {
  private readonly hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytesOf(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
  reset(): void {}
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

const signer = new SignatureV4({
  credentials: { accessKeyId: key, secretAccessKey: key },
  ...{ region, service: 's3', uriEscapePath: false, applyChecksum: false, sha256: Sha256 },
});

/** By what a storage goes, worked out anew: who signed, and whether exactly this was signed. */
async function signatureFault(
  { method = '', url = '', headers }: IncomingMessage,
  body: Buffer,
): Promise<string | undefined> {
  const given = headers.authorization ?? '';
  if (!given.includes(`Credential=${key}/`)) return 'InvalidAccessKeyId';
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
    return 'XAmzContentSHA256Mismatch';
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(';') ?? [];
  const at = String(headers['x-amz-date']).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const signed = await signer.sign(
    {
      ...{ method, protocol: 'http:', hostname: '', path: url },
      headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
    },
    { signingDate: new Date(at), signableHeaders: new Set(names), unsignableHeaders: new Set() },
  );
  return signed.headers['authorization'] === given ? undefined : 'SignatureDoesNotMatch';
}
