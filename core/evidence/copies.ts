/** What the public reads at this moment where the release stands, fetched as the public fetches it. */
import { createHash } from 'node:crypto';
import type { Outbound } from '../../channels/outbound.js';

export interface Copy {
  url: string;
  at: string;
  status?: number;
  file?: string;
  sha256?: string;
  failed?: string;
  bytes?: Buffer;
}

/** Pages that are fetched; of more, the first ones by address. */
export const mostCopies = 200;

/** One after another: it is somebody else's server. */
export async function readCopies(http: Outbound, addresses: Iterable<string>): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const url of [...new Set(addresses)].sort().slice(0, mostCopies))
    copies.push(await readCopy(http, url, copies.length));
  return copies;
}

async function readCopy(http: Outbound, url: string, place: number): Promise<Copy> {
  const at = new Date().toISOString();
  try {
    const { status, body } = await http.request(url, { maxBytes: 5 * 1024 * 1024 });
    const sha256 = createHash('sha256').update(body).digest('hex');
    return { url, at, status, file: `copies/${String(place + 1).padStart(3, '0')}`, sha256, bytes: body };
  } catch (error) {
    return { url, at, failed: error instanceof Error ? error.message : String(error) };
  }
}
