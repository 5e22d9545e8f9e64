/** Whether a storage can be worked with, asked once at the start: what it refuses then is an operator's to set right. */
import { randomBytes } from 'node:crypto';
import { StorageAway } from '../../channels/files.js';
import { unfitError, type Unfit } from '../fitness.js';
import type { StoragePlace } from './place.js';
import { isUntrusted, openRequests, type StorageAnswer, type StorageRequests } from './requests.js';

/** By the storage's own code; AWS, MinIO, Ceph and the S3 faces of OSS, COS and OBS use these. */
const refusals: Readonly<Record<string, Unfit>> = {
  NoSuchBucket: {
    reason: { zh: '没有这个桶。', en: 'there is no such bucket.' },
    next: {
      zh: '请先建桶，或改正 STORAGE_URL 里的桶名。',
      en: 'Make the bucket, or correct its name in STORAGE_URL.',
    },
  },
  InvalidAccessKeyId: {
    reason: { zh: '不认识这个访问密钥。', en: 'it does not know the access key.' },
    next: { zh: '请核对 STORAGE_ACCESS_KEY。', en: 'Compare STORAGE_ACCESS_KEY.' },
  },
  SignatureDoesNotMatch: {
    reason: { zh: '签名不符，多半是密钥不对。', en: 'the signature is wrong, most likely the secret key.' },
    next: { zh: '请核对 STORAGE_SECRET_KEY。', en: 'Compare STORAGE_SECRET_KEY.' },
  },
  RequestTimeTooSkewed: {
    reason: { zh: '本机时钟与存储相差太多。', en: 'the clock of this machine is too far from its own.' },
    next: { zh: '请校准本机时钟（NTP）。', en: 'Set the clock of this machine (NTP).' },
  },
  AuthorizationHeaderMalformed: {
    reason: { zh: '区域不对。', en: 'the region is another.' },
    next: {
      zh: '请在 STORAGE_URL 后写明 ?region=区域。',
      en: 'Name it behind the address in STORAGE_URL: ?region=REGION.',
    },
  },
  SecondLevelDomainForbidden: {
    reason: { zh: '不接受桶名写在路径里。', en: 'it takes no bucket in the path.' },
    next: { zh: '请把 STORAGE_URL 写成 https://桶.主机。', en: 'Write STORAGE_URL as https://BUCKET.HOST.' },
  },
};

const untrusted: Unfit = {
  reason: { zh: '它的证书不可信。', en: 'its certificate cannot be trusted.' },
  next: {
    zh: '自建的签发机构请用 STORAGE_CA_FILE 指明，证书里的主机名要与 STORAGE_URL 一致。',
    en: 'Name an authority of your own in STORAGE_CA_FILE; the certificate must hold the host as STORAGE_URL names it.',
  },
};

function refused(step: string, { status, code }: StorageAnswer): Unfit {
  return (
    refusals[code] ?? {
      reason: {
        zh: `它拒绝了${step}，答复 ${status} ${code}。`,
        en: `it refuses ${step} with ${status} ${code}.`,
      },
      next: {
        zh: '这个密钥须能在桶里读、写、删、列（s3:GetObject、PutObject、DeleteObject、ListBucket）。',
        en: 'The key must be able to read, write, delete and list in the bucket (s3:GetObject, PutObject, DeleteObject, ListBucket).',
      },
    }
  );
}

/**
 * Does once what the hub does all the time. One that does not answer is told in one line and waited for by whoever needs it.
 * @throws LianfaError storage_unfit where it is there and can't be used
 */
export async function tryStorage(place: StoragePlace, say: (line: string) => void): Promise<void> {
  const requests = openRequests(place, () => undefined);
  try {
    const unfit = await tryOut(requests);
    if (unfit) throw unfitError('storage_unfit', place.address, unfit);
  } catch (error) {
    if (!(error instanceof StorageAway)) throw error;
    if (isUntrusted(error.cause)) throw unfitError('storage_unfit', place.address, untrusted);
    say(
      `连不上存储，用到时自动再试 Storage ${place.address} does not answer; whoever needs it tries again: ${error.message}`,
    );
  } finally {
    await requests.close();
  }
}

async function tryOut(requests: StorageRequests): Promise<Unfit | undefined> {
  const name = `.tried/${randomBytes(8).toString('hex')}`;
  const body = Buffer.from('lianfa');
  const written = await requests.send('PUT', name, { body });
  if (written.status >= 300) return refused('写入 PutObject', written);
  const read = await requests.send('GET', name);
  if (!read.body.equals(body)) return refused('读取 GetObject', read);
  const dropped = await requests.send('DELETE', name);
  if (dropped.status >= 300) return refused('删除 DeleteObject', dropped);
  // Whoever may not list is told "forbidden" of what is not there, and nobody could tell whether it is.
  const absent = await requests.send('GET', name);
  return absent.status === 404 ? undefined : refused('列出 ListBucket', absent);
}
