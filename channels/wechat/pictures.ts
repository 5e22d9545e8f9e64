/** Brings a release's pictures to the account: into the text by uploadimg, onto the cover as permanent material. */
import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import type { Call, StepCall } from '../channel.js';
import { withDrillMark } from '../drill-mark.js';
import type { WeChatAccount } from './account.js';
import type { WeChatClient } from './client.js';
import { forgetUpload, uploaded, uploadedOnce } from './progress.js';
import type { WeChatPayload } from './rendition.js';

/** The cover of an article: its material, and how the platform cuts it for the wide and the small card. */
export interface Cover {
  material: string;
  crops?: { wide: string; square: string };
  forget(): Promise<void>;
}

const wide = { width: 900, height: 383 };
const square = 383;

/**
 * The text with picture addresses filled in. An emergency waits for no upload: pictures that the account does not have
 * yet are left out, and `dropped` says how many.
 */
export async function fillPictures(
  account: WeChatAccount,
  client: WeChatClient,
  payload: WeChatPayload,
  call: StepCall,
): Promise<{ content: string; dropped: number }> {
  const addresses = new Map(
    await Promise.all(payload.pictures.map(async (name) => [name, await pictureAddress(name)] as const)),
  );
  let dropped = 0;
  const content = payload.content.replace(/<img\b[^>]*?\bsrc="media:([0-9a-f.]+)"[^>]*>/g, (tag, name: string) => {
    const address = addresses.get(name);
    if (address !== undefined) return tag.replace(`media:${name}`, address);
    dropped += 1;
    return '';
  });
  return { content, dropped };

  /** `HASH`, or `HASH.2` for the second piece of a tall one. */
  function pictureAddress(piece: string): Promise<string | undefined> {
    const name = `picture:${piece}`;
    if (payload.emergency) return uploaded(account, call, name);
    return uploadedOnce(account, call, name, async () => {
      const [hash = '', place] = piece.split('.');
      const { bytes, mime } = await call.media.read(hash, place === undefined ? 'inline' : `inline.${place}`);
      return client.uploadPicture({
        bytes,
        mime,
        name: `${hash.slice(0, 16)}${place === undefined ? '' : `-${place}`}.${mime === 'image/png' ? 'png' : 'jpg'}`,
      });
    });
  }
}

/** The cover of a release, or the standing one where it has none, or an emergency whose own is not staged. */
export async function coverFor(
  account: WeChatAccount,
  client: WeChatClient,
  payload: WeChatPayload,
  call: StepCall,
): Promise<Cover> {
  const { cover: hash, drill } = payload;
  if (hash === undefined) return standingCover(account, client, call, drill);
  const name = `cover:${hash}`;
  if (payload.emergency && (await uploaded(account, call, name)) === undefined)
    return standingCover(account, client, call, drill);
  const material = await uploadedOnce(account, call, name, async () =>
    client.addImage({ bytes: await twoCuts(hash, call), mime: 'image/jpeg', name: `cover-${hash.slice(0, 16)}.jpg` }),
  );
  return { material, crops: twoCutsCrops, forget: () => forgetUpload(account, call, name) };
}

/** A plain cover, staged by `prepare`, so that an emergency needs no upload. */
export async function standingCover(
  account: WeChatAccount,
  client: WeChatClient,
  call: Call,
  drill = false,
): Promise<Cover> {
  const kind = drill ? 'standing-drill' : 'standing';
  const name = `cover:${kind}`;
  const material = await uploadedOnce(account, call, name, async () =>
    client.addImage({ bytes: await drawStanding(drill), mime: 'image/jpeg', name: `cover-${kind}.jpg` }),
  );
  return { material, forget: () => forgetUpload(account, call, name) };
}

const total = wide.width + square;
const seam = (wide.width / total).toFixed(6);

/** One picture holds both cuts side by side; these fractions tell the platform which part is which. */
const twoCutsCrops = { wide: `0_0_${seam}_1`, square: `${seam}_0_1_1` };

const drawn = new LRUCache<string, Promise<Buffer>>({ max: 32 });

function twoCuts(hash: string, call: Call): Promise<Buffer> {
  const known = drawn.get(hash);
  if (known) return known;
  const made = (async () => {
    const [left, right] = await Promise.all([call.media.read(hash, 'cover'), call.media.read(hash, 'square')]);
    const [leftCut, rightCut] = await Promise.all([
      sharp(left.bytes).resize(wide.width, wide.height, { fit: 'cover' }).toBuffer(),
      sharp(right.bytes).resize(square, square, { fit: 'cover' }).toBuffer(),
    ]);
    return sharp({ create: { width: total, height: wide.height, channels: 3, background: '#fff' } })
      .composite([
        { input: leftCut, left: 0, top: 0 },
        { input: rightCut, left: wide.width, top: 0 },
      ])
      .jpeg({ quality: 88 })
      .toBuffer();
  })();
  drawn.set(hash, made);
  made.catch(() => drawn.delete(hash));
  return made;
}

let standing: Promise<Buffer> | undefined;
let standingDrill: Promise<Buffer> | undefined;

function drawStanding(drill: boolean): Promise<Buffer> {
  standing ??= sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${wide.width}" height="${wide.height}">
    <rect width="100%" height="100%" fill="#123f7a"/><rect y="${wide.height - 14}" width="100%" height="14" fill="#c8102e"/>
    <text x="50%" y="50%" dy="0.35em" text-anchor="middle" font-family="Noto Sans CJK SC, sans-serif" font-size="84" font-weight="700" letter-spacing="18" fill="#fff">权威发布</text>
  </svg>`),
  )
    .jpeg({ quality: 90 })
    .toBuffer();
  return drill ? (standingDrill ??= standing.then(withDrillMark)) : standing;
}
