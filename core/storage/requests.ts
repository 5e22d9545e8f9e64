/** Requests to an S3-compatible storage: signed (AWS Signature Version 4), bounded in time, sent again where that is safe. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { Agent, request } from 'undici';
import { StorageAway } from '../../channels/files.js';
import type { StoragePlace } from './place.js';

export interface StorageAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  /** The storage's own code of a refusal, or nothing. */
  code: string;
}

type Method = 'GET' | 'HEAD' | 'PUT' | 'DELETE';

interface StorageRequest {
  headers?: Record<string, string>;
  body?: Buffer;
}

export interface StorageRequests {
  /** Any answer but a fault of the server. Every one of these methods may be repeated. @throws StorageAway */
  send(method: Method, name: string, asked?: StorageRequest): Promise<StorageAnswer>;
  close(): Promise<void>;
}

/** Milliseconds before each further try. */
const again = [200, 600];
/** Faults of the server or of something before it, and "slow down". */
const faults = new Set([429, 500, 502, 503, 504]);

/** `report` hears of every failure. The host is reached because an operator has named it. */
export function openRequests(place: StoragePlace, report: (error: unknown) => void): StorageRequests {
  const ca = place.caFile === undefined ? {} : { ca: readFileSync(place.caFile, 'utf8') };
  const agent = new Agent({
    connections: 64,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    headersTimeout: 15_000,
    bodyTimeout: 15_000,
    connect: { timeout: 3_000, ...ca },
  });
  const { address, region, accessKey: accessKeyId, secretKey: secretAccessKey } = place;
  const keys = new Map<string, ArrayBuffer>();

  async function once(method: Method, name: string, { headers = {}, body }: StorageRequest): Promise<StorageAnswer> {
    const signed = await new AwsV4Signer({
      ...{ method, url: `${address}/${name}`, accessKeyId, secretAccessKey, region, service: 's3', cache: keys },
      // The hash goes along, so that the storage keeps what was sent or nothing.
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
    }).sign();
    const answer = await request(signed.url, {
      method,
      headers: Object.fromEntries(signed.headers),
      body: body ?? null,
      dispatcher: agent,
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const code = answer.statusCode < 300 ? '' : (/<Code>([^<]{1,80})<\/Code>/.exec(bytes.toString())?.[1] ?? '');
    return { status: answer.statusCode, headers: answer.headers, body: bytes, code };
  }

  function away(method: Method, name: string, why: unknown): StorageAway {
    const words = why instanceof Error ? why.message || why.name : String(why);
    const error = new StorageAway(`${method} ${address}/${name}: ${words}`, { cause: why });
    // A server that cannot be reached is told of by its address, once for all who meet it.
    report(why instanceof Error && 'syscall' in why ? why : new StorageAway(`${new URL(address).host}: ${words}`));
    return error;
  }

  return {
    async send(method, name, asked = {}) {
      for (let tries = 0; ; tries += 1) {
        const pause = again[tries];
        try {
          const answer = await once(method, name, asked);
          if (refused(answer))
            report(new StorageAway(`${new URL(address).host}: refuses with ${answer.status} ${answer.code}`));
          if (!faults.has(answer.status)) return answer;
          if (pause === undefined) throw away(method, name, `${answer.status} ${answer.code}`.trim());
        } catch (error) {
          if (error instanceof StorageAway) throw error;
          if (pause === undefined || isUntrusted(error)) throw away(method, name, error);
        }
        await setTimeout(pause);
      }
    },
    close: () => agent.close(),
  };
}

/** Not for what was asked, but for who asks and where: a key that was revoked, a bucket that is gone, a clock that is wrong. */
function refused({ status, code }: StorageAnswer): boolean {
  return status === 401 || status === 403 || code === 'NoSuchBucket';
}

/** The words of a certificate that is not to be trusted, which no other try mends; nothing for any other error. */
export function isUntrusted(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code);
}
