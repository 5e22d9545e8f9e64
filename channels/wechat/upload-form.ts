/** A picture as the form in which it is uploaded. One cover goes to thousands of accounts, so its form is made once. */
import { FormData, Response } from 'undici';

export interface Upload {
  bytes: Buffer;
  mime: string;
  name: string;
}

interface Form {
  type: string;
  body: Buffer;
}

/** As long as the picture itself is kept. */
const made = new WeakMap<Buffer, Promise<Form>>();

export function formOf(file: Upload): Promise<Form> {
  const known = made.get(file.bytes);
  if (known) return known;
  const form = encode(file);
  made.set(file.bytes, form);
  return form;
}

async function encode({ bytes, mime, name }: Upload): Promise<Form> {
  const form = new FormData();
  form.set('media', new File([new Uint8Array(bytes)], name, { type: mime }));
  const encoded = new Response(form);
  return { type: encoded.headers.get('content-type') ?? '', body: Buffer.from(await encoded.arrayBuffer()) };
}
