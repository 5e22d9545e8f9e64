/** A picture as it is kept: decoded and encoded anew, upright, bounded, without EXIF and GPS, in a format that channels know. */
import { decode } from 'bmp-ts';
import sharp, { type Sharp } from 'sharp';
import type { Said } from '../../channels/channel.js';
import { isTall } from '../../channels/tall-pictures.js';
import { LianfaError } from '../errors.js';
import { foreignPicture, pictureMime, type ForeignPicture, type PictureMime } from './kind.js';

/** Pixels that may be decoded: a phone's 108 megapixels fit, a bomb doesn't. All frames of an animation count. */
const maxPixels = 120_000_000;
/** Width that is kept, and the longest edge of what is no tall picture; no channel shows more, and every later step is quicker. */
const maxEdge = 5_000;
/** Height that is kept of a tall picture: twice the longest that anybody draws. */
const maxHeight = 30_000;
/** WebP cannot hold a longer edge. */
const webpEdge = 16_383;

export interface CleanPicture {
  bytes: Buffer;
  mime: PictureMime;
  width: number;
  height: number;
  /** It has more than one frame. */
  moving: boolean;
}

/**
 * What is no picture fails here, and nothing that hid beside the pixels survives. Undefined for what is no picture at all.
 * @throws LianfaError picture_refused, with the reason
 */
export async function cleanPicture(bytes: Buffer, name: string): Promise<CleanPicture | undefined> {
  if (bytes.length === 0) throw refused(name, { zh: '是空文件。', en: 'it is empty.' });
  const own = pictureMime(bytes);
  const foreign = own ? undefined : foreignPicture(bytes);
  if (!own && !foreign) return undefined;
  const word = foreign && unreadable[foreign];
  if (word) throw refused(name, word);
  try {
    return foreign ? await converted(bytes, foreign, name) : await encoded(opened(bytes, own), own ?? 'image/png');
  } catch (error) {
    throw error instanceof LianfaError ? error : refused(name, reasonOf(error), error);
  }
}

function opened(bytes: Buffer, mime?: PictureMime): Sharp {
  const animated = mime === 'image/gif' || mime === 'image/webp';
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', animated });
}

async function converted(bytes: Buffer, format: ForeignPicture, name: string): Promise<CleanPicture> {
  if (format === 'bmp') return encoded(openBmp(bytes, name), 'image/png');
  const picture = opened(bytes);
  const { pages = 1, hasAlpha } = await picture.metadata();
  if (pages > 1)
    throw refused(name, {
      zh: `里面有 ${pages} 页，只能发布一页；请拆成单页图片，或转成 PDF 作为附件。`,
      en: `it holds ${pages} pages and one can be shown; divide it, or attach it as a PDF.`,
    });
  return encoded(picture, hasAlpha ? 'image/png' : 'image/jpeg');
}

/** libvips has no reader of BMP. Its fourth channel is hardly ever meant as transparency. */
function openBmp(bytes: Buffer, name: string): Sharp {
  const [width, height] = [bytes.readUInt32LE(18), Math.abs(bytes.readInt32LE(22))];
  const [depth, compression, offset] = [bytes.readUInt16LE(28), bytes.readUInt32LE(30), bytes.readUInt32LE(10)];
  if (width * height > maxPixels) throw refused(name, tooManyPixels);
  const row = Math.ceil((width * depth) / 32) * 4;
  if (!width || !height || ((compression === 0 || compression === 3) && offset + row * height > bytes.length))
    throw refused(name, damaged);
  const { data } = decode(bytes, { toRGBA: true });
  return sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
}

async function encoded(picture: Sharp, mime: PictureMime): Promise<CleanPicture> {
  const { width, height: whole, pageHeight, pages = 1 } = await picture.metadata();
  const height = pageHeight ?? whole;
  const tall = isTall(width, height);
  const sized = picture.autoOrient().resize({
    width: maxEdge,
    height: tall ? maxHeight : maxEdge,
    fit: 'inside',
    withoutEnlargement: true,
  });
  const kept = mime === 'image/webp' && height > webpEdge ? 'image/png' : mime;
  const { data, info } = await inFormat(sized, kept).toBuffer({ resolveWithObject: true });
  return { bytes: data, mime: kept, width: info.width, height: info.pageHeight ?? info.height, moving: pages > 1 };
}

function inFormat(picture: Sharp, mime: PictureMime): Sharp {
  switch (mime) {
    case 'image/jpeg':
      return picture.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
    case 'image/png':
      return picture.png({ compressionLevel: 9 });
    case 'image/gif':
      return picture.gif();
    case 'image/webp':
      return picture.webp({ quality: 92 });
  }
}

const damaged: Said = {
  zh: '图片已损坏或不完整，无法解码。',
  en: 'it is damaged or incomplete and cannot be decoded.',
};
const tooManyPixels: Said = {
  zh: `像素过大（上限 ${maxPixels / 1_000_000} 百万像素）。`,
  en: `it has too many pixels (limit ${maxPixels / 1_000_000} megapixels).`,
};

const drawing = (kind: string): Said => ({
  zh: `是 ${kind} 矢量图，各平台都不能显示，请在原软件中另存为 PNG。`,
  en: `it is a ${kind} drawing, which no platform shows; save it as PNG in its own program.`,
});
const other = (kind: string): Said => ({
  zh: `是 ${kind} 格式，这里不能转换，请另存为 JPEG 或 PNG。`,
  en: `it is ${kind}, which cannot be converted here; save it as JPEG or PNG.`,
});

const unreadable: Readonly<Partial<Record<ForeignPicture, Said>>> = {
  heic: {
    zh: '是苹果手机的 HEIC 照片，这里不能转换，请导出为 JPEG（手机“设置—相机—格式”选“兼容性最佳”）。',
    en: 'it is a HEIC photo, which cannot be converted here; export it as JPEG.',
  },
  svg: drawing('SVG'),
  emf: drawing('EMF'),
  wmf: drawing('WMF'),
  psd: other('Photoshop (PSD)'),
  ico: other('ICO'),
  jxl: other('JPEG XL'),
  jp2: other('JPEG 2000'),
};

function reasonOf(error: unknown): Said {
  return error instanceof Error && /pixel limit/i.test(error.message) ? tooManyPixels : damaged;
}

function refused(name: string, reason: Said, cause?: unknown): LianfaError {
  return new LianfaError('picture_refused', { field: 'file', file: name, reason }, { cause });
}
