/** A zip file whose members lie in it as they are (PKWARE APPNOTE 6.3, method 0): any system opens it. */
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

export interface Zip {
  add(name: string, content: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Names are UTF-8. */
const utf8 = 0x0800;
const version = 20;
/** 1980-01-01: when a member was written is told inside, not here. */
const dosDay = 0x0021;

/** Writes to a file that must not be there yet. At most 65,535 members and 4 GB. */
export async function createZip(file: string): Promise<Zip> {
  const handle: FileHandle = await open(file, 'wx', 0o600);
  const directory: Buffer[] = [];
  let at = 0;

  async function write(bytes: Buffer): Promise<void> {
    await handle.writeFile(bytes);
    at += bytes.length;
  }

  return {
    async add(name, content) {
      const path = Buffer.from(name);
      const common = Buffer.alloc(26);
      common.writeUInt16LE(version, 0);
      common.writeUInt16LE(utf8, 2);
      common.writeUInt16LE(dosDay, 8);
      common.writeUInt32LE(crc32(content), 10);
      common.writeUInt32LE(content.length, 14);
      common.writeUInt32LE(content.length, 18);
      common.writeUInt16LE(path.length, 22);
      const entry = Buffer.alloc(46);
      entry.writeUInt32LE(0x02014b50, 0);
      entry.writeUInt16LE(version, 4);
      common.copy(entry, 6);
      entry.writeUInt32LE(at, 42);
      directory.push(entry, path);
      await write(Buffer.concat([Buffer.from('PK\u0003\u0004'), common, path, content]));
    },
    async close() {
      const begun = at;
      const members = directory.length / 2;
      await write(Buffer.concat(directory));
      const end = Buffer.alloc(22);
      end.writeUInt32LE(0x06054b50, 0);
      end.writeUInt16LE(members, 8);
      end.writeUInt16LE(members, 10);
      end.writeUInt32LE(at - begun, 12);
      end.writeUInt32LE(begun, 16);
      await write(end);
      await handle.sync();
      await handle.close();
    },
  };
}
