/** Prepared media for the channels; what was read lately is kept, since one picture goes to thousands of accounts. */
import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import type { MediaReader } from '../../channels/channel.js';
import type { Files } from '../../channels/files.js';
import { mediaFile } from './files.js';
import { attachmentMime, pictureMime } from './kind.js';

type Read = Awaited<ReturnType<MediaReader['read']>>;

/** Bytes kept in memory, over all channels of this process; a name is given by the content, or made of it. */
const kept = new LRUCache<string, Read>({
  maxSize: 64 * 1024 * 1024,
  sizeCalculation: ({ bytes }) => bytes.length + 1,
});

/** Reads for one channel. A file that is no picture has width and height 0. Throws where it isn't there (yet). */
export function mediaReader(library: Files, channel: string): MediaReader {
  return {
    async read(hash, variant) {
      const file = mediaFile(hash, variant === undefined ? undefined : `${channel}.${variant}`);
      const known = kept.get(file);
      if (known) return known;
      const bytes = await library.read(file);
      if (!bytes) throw new Error(`${file} is not in the library`);
      const mime = pictureMime(bytes);
      const read: Read = mime
        ? { bytes, mime, ...(await sizeOf(bytes)) }
        : { bytes, mime: attachmentMime(bytes) ?? 'application/octet-stream', width: 0, height: 0 };
      kept.set(file, read);
      return read;
    },
  };
}

async function sizeOf(bytes: Buffer): Promise<{ width: number; height: number }> {
  const { width, height } = await sharp(bytes).metadata();
  return { width, height };
}
