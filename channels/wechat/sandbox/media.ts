/** media/uploadimg, media/upload, material/*: what is kept, in which size and format. */
import { createHash } from 'node:crypto';
import busboy from 'busboy';
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
  const { file, fields } = await readForm(request);
  const format = admit(type, file);
  if (type === 'video' && !fields['description']) throw new Refusal(40035);
  const id = mediaId();
  account.materials.set(id, type);
  return ok({ media_id: id, ...(type === 'image' && { url: keep(world, file, format) }), item: [] });
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

function readForm(request: SandboxRequest): Promise<{ file: Buffer; fields: Record<string, string> }> {
  return new Promise((done, fail) => {
    const parts: Buffer[] = [];
    const fields: Record<string, string> = {};
    let found = false;
    let form: busboy.Busboy;
    try {
      form = busboy({ headers: request.headers });
    } catch {
      fail(new Refusal(41005));
      return;
    }
    form.on('file', (name, stream) => {
      if (name === 'media') found = true;
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
      if (!found) fail(new Refusal(41005));
      else if (file.length === 0) fail(new Refusal(44001));
      else done({ file, fields });
    });
    form.end(request.body);
  });
}
