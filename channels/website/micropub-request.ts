/** Reads a Micropub request as a server must: form-encoded, multipart and JSON; the token from the header or the form. */
import busboy from 'busboy';
import { z } from 'zod';

export interface IncomingRequest {
  method: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export interface UploadedFile {
  /** Name of the part, e.g. `photo` or `file`. */
  field: string;
  name: string;
  mime: string;
  bytes: Buffer;
}

export type Properties = Record<string, unknown[]>;

export type Command =
  | { do: 'query'; q: string; url: string | undefined; properties: string[]; limit: number }
  | { do: 'create'; type: string; properties: Properties; files: UploadedFile[] }
  | { do: 'update'; url: string; replace: Properties; add: Properties; remove: string[] | Properties }
  | { do: 'delete' | 'undelete'; url: string };

/** An answer that the protocol has a code for. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }

  get body(): string {
    return JSON.stringify({ error: this.code, error_description: this.message });
  }
}

const bad = (description: string) => new Refused(400, 'invalid_request', description);

const largestFile = 20 * 1024 * 1024;

interface Form {
  fields: [string, string][];
  files: UploadedFile[];
}

/** The request and its token. @throws Refused for what the protocol calls an invalid request */
export async function readRequest(
  request: IncomingRequest,
): Promise<{ command: () => Command; token: string | undefined }> {
  const type = one(request.headers['content-type'])?.split(';')[0]?.trim().toLowerCase() ?? '';
  const bearer = /^Bearer +(\S+)$/i.exec(one(request.headers['authorization']) ?? '')?.[1];
  if (request.method === 'GET' || request.method === 'HEAD') {
    return { token: bearer ?? request.query.get('access_token') ?? undefined, command: () => queryOf(request.query) };
  }
  if (request.method !== 'POST') throw new Refused(405, 'invalid_request', 'only GET and POST are answered here');
  if (type === 'application/json') return { token: bearer, command: () => fromJson(request.body) };
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data')
    throw new Refused(415, 'invalid_request', 'send a form, multipart or JSON');
  const form: Form =
    type === 'multipart/form-data'
      ? await readMultipart(request)
      : { fields: [...new URLSearchParams(request.body.toString('utf8'))], files: [] };
  const field = form.fields.find(([name]) => name === 'access_token')?.[1];
  // RFC 6750, section 2: a token by two ways at once is an invalid request.
  if (bearer !== undefined && field !== undefined) throw bad('the token came both in the header and in the form');
  return { token: bearer ?? field, command: () => fromForm(form) };
}

/** The files of a request to the media endpoint. */
export async function readUpload(
  request: IncomingRequest,
): Promise<{ token: string | undefined; file: () => UploadedFile }> {
  const type = one(request.headers['content-type'])?.split(';')[0]?.trim().toLowerCase();
  if (request.method !== 'POST') throw new Refused(405, 'invalid_request', 'only POST is answered here');
  const bearer = /^Bearer +(\S+)$/i.exec(one(request.headers['authorization']) ?? '')?.[1];
  if (type !== 'multipart/form-data')
    return {
      token: bearer,
      file: () => {
        throw bad('send the file as multipart/form-data');
      },
    };
  const { fields, files } = await readMultipart(request);
  const field = fields.find(([name]) => name === 'access_token')?.[1];
  if (bearer !== undefined && field !== undefined) throw bad('the token came both in the header and in the form');
  return {
    token: bearer ?? field,
    file: () => {
      const file = files.find((part) => part.field === 'file');
      if (!file) throw bad('there is no part named "file"');
      return file;
    },
  };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function queryOf(query: URLSearchParams): Command {
  const limit = Number(query.get('limit') ?? 20);
  return {
    do: 'query',
    q: query.get('q') ?? '',
    url: query.get('url') ?? undefined,
    properties: [...query.getAll('properties[]'), ...query.getAll('properties')],
    limit: Number.isInteger(limit) && limit > 0 ? Math.min(limit, 100) : 20,
  };
}

const propertiesSchema = z.record(z.string(), z.array(z.unknown()));
const updateSchema = z.object({
  url: z.string(),
  replace: propertiesSchema.default({}),
  add: propertiesSchema.default({}),
  delete: z.union([z.array(z.string()), propertiesSchema]).default([]),
});

function fromJson(body: Buffer): Command {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw bad('the body is not JSON in UTF-8');
  }
  const { action } = z.object({ action: z.string().optional() }).loose().catch({}).parse(value);
  if (action === 'update') {
    const update = updateSchema.safeParse(value);
    if (!update.success) throw bad('an update names a url, and every value in replace, add and delete is an array');
    return {
      do: 'update',
      url: update.data.url,
      replace: update.data.replace,
      add: update.data.add,
      remove: update.data.delete,
    };
  }
  if (action !== undefined) return undoOf(action, z.object({ url: z.string() }).loose().safeParse(value).data?.url);
  const create = z.object({ type: z.array(z.string()).min(1), properties: propertiesSchema }).safeParse(value);
  if (!create.success) throw bad('a post has a type and properties, and every value is an array');
  return { do: 'create', type: create.data.type[0] ?? '', properties: create.data.properties, files: [] };
}

function fromForm({ fields, files }: Form): Command {
  const action = fields.find(([name]) => name === 'action')?.[1];
  if (action === 'update') throw bad('an update must be JSON');
  if (action !== undefined) return undoOf(action, fields.find(([name]) => name === 'url')?.[1]);
  const properties: Properties = {};
  for (const [field, value] of fields) {
    const name = field.replace(/\[\]$/, '');
    if (name === 'h' || name === 'access_token' || value === '') continue;
    properties[name] = [...(Object.hasOwn(properties, name) ? (properties[name] ?? []) : []), value];
  }
  return { do: 'create', type: `h-${fields.find(([name]) => name === 'h')?.[1] ?? 'entry'}`, properties, files };
}

function undoOf(action: string, url: string | undefined): Command {
  if (action !== 'delete' && action !== 'undelete') throw bad(`"${action}" is no action`);
  if (url === undefined) throw bad('the request names no url');
  return { do: action, url };
}

function readMultipart(request: IncomingRequest): Promise<Form> {
  return new Promise((done, fail) => {
    const form: Form = { fields: [], files: [] };
    let parser: busboy.Busboy;
    try {
      parser = busboy({
        headers: { 'content-type': one(request.headers['content-type']) ?? '' },
        limits: { fileSize: largestFile, files: 20, fields: 500 },
        defParamCharset: 'utf8',
      });
    } catch {
      fail(bad('the multipart body has no boundary'));
      return;
    }
    parser.on('field', (name, value) => form.fields.push([name, value]));
    parser.on('file', (field, stream, { filename, mimeType }) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('limit', () => fail(new Refused(413, 'invalid_request', `a file is larger than ${largestFile} bytes`)));
      stream.on('close', () =>
        form.files.push({
          field: field.replace(/\[\]$/, ''),
          name: filename ?? '',
          mime: mimeType,
          bytes: Buffer.concat(parts),
        }),
      );
    });
    parser.on('error', () => fail(bad('the multipart body is broken')));
    parser.on('close', () => done(form));
    parser.end(request.body);
  });
}

/** Carries an update out on a copy of the properties. */
export function updated(
  properties: Properties,
  { replace, add, remove }: Extract<Command, { do: 'update' }>,
): Properties {
  const next: Properties = { ...properties, ...replace };
  for (const [name, values] of Object.entries(add)) next[name] = [...(next[name] ?? []), ...values];
  if (Array.isArray(remove)) for (const name of remove) delete next[name];
  else {
    for (const [name, values] of Object.entries(remove)) {
      const gone = new Set(values.map((value) => JSON.stringify(value)));
      next[name] = (next[name] ?? []).filter((value) => !gone.has(JSON.stringify(value)));
      if (!next[name]?.length) delete next[name];
    }
  }
  return next;
}
