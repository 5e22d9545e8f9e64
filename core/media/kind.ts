/** What a file is, by its own bytes; never by what its name claims. */

export type PictureMime = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

export function pictureMime(bytes: Buffer): PictureMime | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png';
  if (/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return 'image/gif';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  return undefined;
}

/** Formats that desks have and no channel takes. */
export type ForeignPicture = 'avif' | 'tiff' | 'bmp' | 'heic' | 'svg' | 'emf' | 'wmf' | 'psd' | 'ico' | 'jxl' | 'jp2';

export function foreignPicture(bytes: Buffer): ForeignPicture | undefined {
  const text = (from: number, to: number): string => bytes.toString('latin1', from, to);
  // ISO base media files name what they hold in a list of brands.
  if (text(4, 8) === 'ftyp') {
    const brands = text(8, Math.min(bytes.readUInt32BE(0), 64));
    return /avi[fs]/.test(brands) ? 'avif' : /hei[cxms]|hev[cxms]|mif1|msf1/.test(brands) ? 'heic' : undefined;
  }
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text(0, 4))) return 'tiff';
  if (/^BM[\s\S]{4}\0\0\0\0/.test(text(0, 10))) return 'bmp';
  if (text(40, 44) === ' EMF') return 'emf';
  if (/^\xd7\xcd\xc6\x9a/.test(text(0, 4))) return 'wmf';
  if (text(0, 4) === '8BPS') return 'psd';
  if (text(0, 4) === '\0\0\x01\0') return 'ico';
  if (/^\xff\x0a|^\0\0\0\x0cJXL /.test(text(0, 8))) return 'jxl';
  if (text(0, 8) === '\0\0\0\x0cjP  ') return 'jp2';
  return /^\s*(?:<\?xml[\s\S]{0,400}?|<!--[\s\S]{0,400}?-->\s*|<!DOCTYPE svg[\s\S]{0,400}?>\s*)*<svg[\s>]/i.test(
    text(0, 1_200),
  )
    ? 'svg'
    : undefined;
}

const office = 'application/vnd.openxmlformats-officedocument.';

/** What may be attached, each with the endings that a file of it may bear; WPS Office writes the binary forms under endings of its own. */
const attachable: Readonly<Record<string, readonly string[]>> = {
  'application/pdf': ['.pdf'],
  'application/ofd': ['.ofd'],
  [`${office}wordprocessingml.document`]: ['.docx'],
  [`${office}spreadsheetml.sheet`]: ['.xlsx'],
  [`${office}presentationml.presentation`]: ['.pptx'],
  'application/msword': ['.doc', '.wps'],
  'application/vnd.ms-excel': ['.xls', '.et'],
  'application/vnd.ms-powerpoint': ['.ppt', '.dps'],
  'application/zip': ['.zip'],
  'text/plain; charset=utf-8': ['.txt', '.csv'],
};

/** Every ending that an attachment may have. */
export const attachableEndings: readonly string[] = Object.values(attachable).flat();

/** Endings for what a file was found to be; undefined where it may not be attached. */
export function endingsOf(mime: string): readonly string[] | undefined {
  return Object.hasOwn(attachable, mime) ? attachable[mime] : undefined;
}

/** Of the files that may be attached: PDF, OFD, Word, Excel, PowerPoint (also of WPS Office), zip, plain UTF-8 text. */
export function attachmentMime(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 0, 5) === '%PDF-') return 'application/pdf';
  if (bytes.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 0x03, 0x04]))) return packedMime(bytes);
  if (bytes.subarray(0, 8).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])))
    return compoundMime(bytes);
  return isText(bytes) ? 'text/plain; charset=utf-8' : undefined;
}

/** By the names of the parts, which a zip file's list holds in plain. */
function packedMime(bytes: Buffer): string {
  if (bytes.includes('[Content_Types].xml')) {
    if (bytes.includes('word/document.xml')) return `${office}wordprocessingml.document`;
    if (bytes.includes('xl/workbook.xml')) return `${office}spreadsheetml.sheet`;
    if (bytes.includes('ppt/presentation.xml')) return `${office}presentationml.presentation`;
  }
  return bytes.includes('OFD.xml') ? 'application/ofd' : 'application/zip';
}

/** The binary forms of Word, Excel and PowerPoint: by the names of their streams, which are UTF-16. */
function compoundMime(bytes: Buffer): string | undefined {
  const holds = (name: string): boolean => bytes.includes(Buffer.from(name, 'utf16le'));
  if (holds('WordDocument')) return 'application/msword';
  if (holds('PowerPoint Document')) return 'application/vnd.ms-powerpoint';
  return holds('Workbook') ? 'application/vnd.ms-excel' : undefined;
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
