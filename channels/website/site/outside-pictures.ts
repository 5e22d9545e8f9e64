/** Pictures that a post names by an outside address: taken over once, by the rules of outbound requests. */
import { TransportError, type Outbound, type OutboundAnswer } from '../../outbound.js';
import { Refused } from '../micropub-request.js';
import type { Place } from './pages.js';
import { keepUpload } from './uploads.js';

/** Of one post, with those taken before. */
const mostPictures = 20;
/** Bytes of one. */
const largest = 20 * 1024 * 1024;
/** Milliseconds for all of them together: the sender waits for his answer. */
const patience = 30_000;
const mostHops = 3;

/**
 * Addresses, and where each then lies under the public folder. What `taken` knows is not asked for again. Its type is
 * told by its bytes, not by its name or what the host says.
 * @throws Refused for what cannot or may not be had, with the address and why
 */
export async function takePictures(
  { home, http }: Pick<Place, 'home'> & { http: Outbound },
  addresses: readonly string[],
  taken: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  if (addresses.length > mostPictures)
    throw new Refused(400, 'invalid_request', `a post names more than ${mostPictures} pictures from elsewhere`);
  const signal = AbortSignal.timeout(patience);
  const all: Record<string, string> = {};
  for (const address of addresses) {
    const known = taken[address];
    if (known !== undefined) all[address] = known;
    else {
      const upload = await keepUpload(home, '', await fetched(http, address, signal));
      if (upload?.width === undefined) throw refusal(address, 'what lies there is no picture');
      all[address] = upload.path;
    }
  }
  return all;
}

async function fetched(http: Outbound, address: string, signal: AbortSignal): Promise<Buffer> {
  let url = address;
  for (let hop = 0; hop <= mostHops; hop += 1) {
    const { status, headers, body } = await ask(http, url, address, signal);
    if (status >= 200 && status < 300) return body;
    const next = status >= 300 && status < 400 ? headers['location'] : undefined;
    if (typeof next !== 'string' || !URL.canParse(next, url)) throw refusal(address, `its host answered ${status}`);
    url = new URL(next, url).href;
  }
  throw refusal(address, 'its host sends on and on');
}

async function ask(http: Outbound, url: string, address: string, signal: AbortSignal): Promise<OutboundAnswer> {
  try {
    return await http.request(url, { signal, maxBytes: largest, headers: { accept: 'image/*' } });
  } catch (error) {
    if (error instanceof TransportError) throw refusal(address, reasons[error.reason]);
    throw error;
  }
}

const reasons: Readonly<Record<TransportError['reason'], string>> = {
  'not-allowed': 'its address is not a public one',
  'no-connection': 'its host cannot be reached',
  timeout: 'its host does not answer in time',
  broken: 'its host broke off',
  aborted: 'its host does not answer in time',
  'too-large': `it is larger than ${largest} bytes`,
  'circuit-open': 'its host does not answer just now',
};

function refusal(address: string, why: string): Refused {
  return new Refused(
    400,
    'invalid_request',
    `the picture ${address.slice(0, 200)} could not be taken over: ${why}; upload it to the media endpoint instead`,
  );
}
