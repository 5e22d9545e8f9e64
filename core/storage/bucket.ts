/** Files in a bucket of an S3-compatible storage: no machine has a part of them to itself. */
import { FileChanged, StorageAway, safeName, type Files, type OpenFile } from '../../channels/files.js';
import type { StorageAnswer, StorageRequests } from './requests.js';

/** By which order an object was drawn. */
const orderHeader = 'x-amz-meta-order';

export function filesInBucket(requests: StorageRequests): Files {
  /** Some storages know no conditions on writing and say so (Alibaba Cloud's OSS): then what was read just before holds. */
  let conditions = true;

  async function about(key: string): Promise<StorageAnswer | undefined> {
    return found(await requests.send('HEAD', key), key);
  }

  async function put(key: string, body: Buffer, headers: Record<string, string>): Promise<StorageAnswer> {
    return requests.send('PUT', key, { body, headers });
  }

  async function draw(key: string, body: Buffer, order: string, headers: Record<string, string>): Promise<void> {
    for (;;) {
      const there = await about(key);
      if (there && headerOf(there, orderHeader) > order) return;
      const etag = there && headerOf(there, 'etag');
      const only: Record<string, string> = etag === undefined ? { 'if-none-match': '*' } : { 'if-match': etag };
      const answer = await put(key, body, { ...headers, [orderHeader]: order, ...(conditions && only) });
      if (conditions && (answer.status === 501 || answer.code === 'NotImplemented')) conditions = false;
      // Somebody else was between the two: who of us is the later one is looked at again.
      else if (answer.status !== 412 && answer.status !== 409 && !(answer.status === 404 && there)) {
        taken(answer, key);
        return;
      }
    }
  }

  function below(prefix: string): Files {
    const keyOf = (name: string): string => `${prefix}${safeName(name)}`;
    return {
      async read(name) {
        const key = keyOf(name);
        return found(await requests.send('GET', key), key)?.body;
      },
      has: async (name) => (await about(keyOf(name))) !== undefined,
      async open(name) {
        const key = keyOf(name);
        const there = await about(key);
        return there && openObject(requests, key, there);
      },
      async write(name, content, type) {
        const key = keyOf(name);
        taken(await put(key, Buffer.from(content), typed(type)), key);
      },
      draw: (name, content, order, type) => draw(keyOf(name), Buffer.from(content), order, typed(type)),
      async drop(name) {
        const key = keyOf(name);
        found(await requests.send('DELETE', key), key);
      },
      under: (path) => below(`${keyOf(path)}/`),
    };
  }

  return below('');
}

function openObject(requests: StorageRequests, key: string, there: StorageAnswer): OpenFile {
  const etag = headerOf(there, 'etag');
  return {
    size: Number(headerOf(there, 'content-length')),
    etag,
    modified: new Date(headerOf(there, 'last-modified')),
    async read(first, last) {
      const headers = { range: `bytes=${first}-${last}`, 'if-match': etag };
      const answer = await requests.send('GET', key, { headers });
      if (answer.status === 412 || answer.status === 404 || headerOf(answer, 'etag') !== etag)
        throw new FileChanged(`${key} was written or deleted while it was read`);
      const bytes = answer.status === 200 ? answer.body.subarray(first, last + 1) : answer.body;
      taken(answer, key);
      if (bytes.length !== last - first + 1) throw new StorageAway(`${key}: an answer ended before its own length`);
      return bytes;
    },
    close: () => Promise.resolve(),
  };
}

function typed(type: string | undefined): Record<string, string> {
  return type === undefined ? {} : { 'content-type': type };
}

/** Undefined where there is no such object. @throws StorageAway where the storage refuses */
function found(answer: StorageAnswer, key: string): StorageAnswer | undefined {
  return answer.status === 404 && answer.code !== 'NoSuchBucket' ? undefined : taken(answer, key);
}

function taken(answer: StorageAnswer, key: string): StorageAnswer {
  if (answer.status < 300) return answer;
  throw new StorageAway(`${key}: the storage refuses with ${answer.status} ${answer.code}`.trim());
}

function headerOf({ headers }: StorageAnswer, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
