/** What a file is, by its own bytes; never by what its name claims. */

export type PictureMime = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

export function pictureMime(bytes: Buffer): PictureMime | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png';
  if (/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return 'image/gif';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  return undefined;
}

const office = 'application/vnd.openxmlformats-officedocument.';

/** Of the files that may be attached: PDF, Word, Excel, zip, plain UTF-8 text. */
export function attachmentMime(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 0, 5) === '%PDF-') return 'application/pdf';
  if (bytes.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 0x03, 0x04]))) {
    if (!bytes.includes('[Content_Types].xml')) return 'application/zip';
    if (bytes.includes('word/document.xml')) return `${office}wordprocessingml.document`;
    return bytes.includes('xl/workbook.xml') ? `${office}spreadsheetml.sheet` : 'application/zip';
  }
  return isText(bytes) ? 'text/plain; charset=utf-8' : undefined;
}

function isText(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
