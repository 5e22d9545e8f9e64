/** media/uploadimg, media/upload, material/*: what is kept, in which size and format. */
import { createHash } from 'node:crypto';
import busboy from 'busboy';
import { z } from 'zod';
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.js';
import { Refusal, ok } from './replies.js';
import { mediaId, type AccountState, type World } from './world.js';

const mb = 1024 * 1024;

type Format = 'jpg' | 'png' | 'gif' | 'bmp' | 'other';

/** A picture for the text: jpg or png under 1 MB. */
export async function uploadimg(world: World, _account: AccountState, request: SandboxRequest): Promise<SandboxAnswer> {
  const { file } = await readForm(request);
  const format = formatOf(file);
  if (format !== 'jpg' && format !== 'png') throw new Refusal(40005);
  if (file.length >= mb) throw new Refusal(40009);
  return ok({ url: keep(world, file, format), errcode: 0, errmsg: 'ok' });
}

const bounds: Readonly<Record<string, { bytes: number; tooLarge: number; formats?: readonly Format[] }>> = {
  image: { bytes: 10 * mb, tooLarge: 40009, formats: ['jpg', 'png', 'gif', 'bmp'] },
  thumb: { bytes: 64 * 1024, tooLarge: 40012, formats: ['jpg'] },
  voice: { bytes: 2 * mb, tooLarge: 40010 },
  video: { bytes: 10 * mb, tooLarge: 40011 },
};

/** Permanent material. Only this makes a cover. */
export async function addMaterial(
  world: World,
  account: AccountState,
  request: SandboxRequest,
): Promise<SandboxAnswer> {
  const type = request.query.get('type') ?? '';
  const { file, fields, name } = await readForm(request);
  const format = admit(type, file);
  if (type === 'video' && !fields['description']) throw new Refusal(40035);
  const id = mediaId();
  const picture = type === 'image' && { url: keep(world, file, format) };
  account.materials.set(id, { type, name, at: world.now(), ...picture });
  return ok({ media_id: id, ...picture, item: [] });
}

const listBody = z.object({
  type: z.enum(['image', 'video', 'voice', 'news']),
  offset: z.coerce.number().min(0),
  count: z.coerce.number().min(1).max(20),
});

/** Newest first. Articles are no material any more: they are drafts. */
export function listMaterials(account: AccountState, body: unknown): SandboxAnswer {
  const parsed = listBody.safeParse(body);
  if (!parsed.success) throw new Refusal(40007, 'invalid media type or page');
  const { type, offset, count } = parsed.data;
  const all = [...account.materials].filter(([, material]) => material.type === type).reverse();
  const page = all.slice(offset, offset + count);
  return ok({
    item: page.map(([media_id, { name, at, url }]) => ({
      media_id,
      name,
      update_time: Math.floor(at / 1000),
      ...(url !== undefined && { url }),
      tags: [],
    })),
    total_count: all.length,
    item_count: page.length,
  });
}

export function countMaterials(account: AccountState): SandboxAnswer {
  const count = (type: string): number => [...account.materials.values()].filter((one) => one.type === type).length;
  return ok({ voice_count: count('voice'), video_count: count('video'), image_count: count('image'), news_count: 0 });
}

/** The bytes of a picture; of the other kinds only that they are there. */
export function getMaterial(world: World, account: AccountState, id: string): SandboxAnswer {
  const material = account.materials.get(id);
  if (!material) throw new Refusal(40007);
  const picture = material.url && world.pictures.get(pictureName(new URL(material.url).pathname) ?? '');
  if (!picture) return ok({ title: material.name });
  const disposition = `attachment; filename="${encodeURIComponent(material.name)}"`;
  return {
    status: 200,
    headers: { 'content-type': picture.mime, 'content-disposition': disposition },
    body: picture.bytes,
  };
}

/** Temporary media of three days: no cover for a draft. */
export async function temporary(world: World, _account: AccountState, request: SandboxRequest): Promise<SandboxAnswer> {
  const type = request.query.get('type') ?? '';
  const { file } = await readForm(request);
  admit(type, file);
  return ok({ type, media_id: mediaId(), created_at: Math.floor(world.now() / 1000) });
}

export function deleteMaterial(account: AccountState, id: string): SandboxAnswer {
  if (!account.materials.delete(id)) throw new Refusal(40007);
  return ok();
}

function admit(type: string, file: Buffer): Format {
  const rule = bounds[type];
  if (!rule) throw new Refusal(40004);
  const format = formatOf(file);
  if (rule.formats && !rule.formats.includes(format)) throw new Refusal(type === 'image' ? 40137 : 40005);
  if (file.length > rule.bytes) throw new Refusal(rule.tooLarge);
  return format;
}

function keep(world: World, bytes: Buffer, format: Format): string {
  const name = createHash('sha256').update(bytes).digest('base64url');
  world.pictures.set(name, { mime: format === 'jpg' ? 'image/jpeg' : `image/${format}`, bytes });
  return `${world.url}/mmbiz_${format}/${name}/0?from=appmsg`;
}

export function pictureName(path: string): string | undefined {
  return /^\/mmbiz_[a-z]+\/([\w-]+)\/\d+$/.exec(path)?.[1];
}

/** By the first bytes, as the platform does; a name proves nothing. */
function formatOf(bytes: Buffer): Format {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'jpg';
  if (bytes.subarray(0, 4).toString('hex') === '89504e47') return 'png';
  if (bytes.subarray(0, 4).toString('latin1') === 'GIF8') return 'gif';
  if (bytes.subarray(0, 2).toString('latin1') === 'BM') return 'bmp';
  return 'other';
}

interface Form {
  file: Buffer;
  name: string;
  fields: Record<string, string>;
}

function readForm(request: SandboxRequest): Promise<Form> {
  return new Promise((done, fail) => {
    const parts: Buffer[] = [];
    const fields: Record<string, string> = {};
    let found: string | undefined;
    let form: busboy.Busboy;
    try {
      form = busboy({ headers: request.headers });
    } catch {
      fail(new Refusal(41005));
      return;
    }
    form.on('file', (name, stream, { filename }) => {
      if (name === 'media') found = filename;
      stream.on('data', (part: Buffer) => {
        if (name === 'media') parts.push(part);
      });
    });
    form.on('field', (name, value) => {
      fields[name] = value;
    });
    form.on('error', () => fail(new Refusal(41005)));
    form.on('close', () => {
      const file = Buffer.concat(parts);
      if (found === undefined) fail(new Refusal(41005));
      else if (file.length === 0) fail(new Refusal(44001));
      else done({ file, name: found, fields });
    });
    form.end(request.body);
  });
}
