/** Every door by which text comes in, each as a way to send one payload through it. */
import sharp from 'sharp';
import { docx, p, title, titleStyle } from '../../core/documents/fixtures/docx.js';
import { builtinSettings } from '../../channels/website/fixtures/ground.js';
import type { Desk } from '../support/desk.js';
import { request, type Answer } from '../support/http.js';
import { workbook } from '../support/xlsx.js';
import type { Payload } from './payloads.js';

export interface Ground {
  desk: Desk;
  token: string;
  /** A number of its own for each payload. */
  numberOf(payload: Payload): number;
}

export type Door = (ground: Ground, payload: Payload) => Promise<Answer>;

const source = '示例省人民政府办公室';
const honest = '<p>自2026年12月1日起，调整办公时间。</p>';

function api(
  { desk }: Ground,
  path: string,
  { headers, ...body }: { json?: unknown; bytes?: Buffer | string; headers?: Record<string, string> },
): Promise<Answer> {
  const authorization = `Bearer ${desk.key}`;
  return request(`${desk.hub.config.url}/api/v1${path}`, 'POST', { ...body, headers: { authorization, ...headers } });
}

function written(format: 'html' | 'markdown' | 'text'): Door {
  return (ground, { name, text }) =>
    api(ground, '/releases', { json: { title: `${name} ${format}`, source, body: { format, content: text } } });
}

function file(ending: string, type: string, make: (payload: Payload) => Buffer | string): Door {
  return (ground, payload) =>
    api(ground, `/releases/import?losses=accept&title=${encodeURIComponent(`${payload.name} ${ending}`)}`, {
      bytes: make(payload),
      headers: {
        'content-type': type,
        'x-file-name': encodeURIComponent(`${whole(payload.text).slice(0, 60)}.${ending}`),
        'x-source': encodeURIComponent(source),
      },
    });
}

/** A lone half of a character cannot travel in an address, a file or a header. */
const whole = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

const inXml = (text: string): string =>
  whole(text)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function wordOf({ text }: Payload): Buffer {
  const run = `<w:r><w:t xml:space="preserve">${inXml(text)}</w:t></w:r>`;
  return docx({
    styles: titleStyle,
    body: `${title}${p(run)}${p(`<w:hyperlink r:id="l">${run}</w:hyperlink>`)}<w:altChunk r:id="c"/>${p(`<w:r><w:drawing><wp:inline><wp:docPr id="1" name="${inXml(text)}" descr="${inXml(text)}"/></wp:inline></w:drawing></w:r>`)}`,
    relations: { l: ['hyperlink', inXml(text), true], c: ['aFChunk', 'a.html'] },
    files: { 'word/a.html': text },
  });
}

const inYaml = (text: string): string => JSON.stringify(whole(text));

async function pictureOf(n: number): Promise<Buffer> {
  const background = { r: n % 256, g: 40, b: 160 };
  return sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .png()
    .toBuffer();
}

async function hashOf(ground: Ground, bytes: Buffer, name: string): Promise<string> {
  const headers = {
    'content-type': 'application/octet-stream',
    'x-file-name': encodeURIComponent(whole(name)),
  };
  const { status, body } = await api(ground, '/media', { bytes, headers });
  if (status !== 201) throw new Error(`the picture was answered ${status}`);
  const { hash } = body as { hash: string };
  await ground.desk.until(
    'it is prepared',
    async () => (await ground.desk.hub.store.media.findById(hash).lean())?.state === 'ready',
  );
  return hash;
}

/** Those that make a release: answered 201 with it, or refused. */
export const releaseDoors: Readonly<Record<string, Door>> = {
  'API, HTML': written('html'),
  'API, Markdown': written('markdown'),
  'API, text': written('text'),
  'API, every field': (ground, { text }) =>
    api(ground, '/releases', {
      json: {
        title: `题 ${text}`,
        summary: text,
        source: `源 ${text}`.slice(0, 90),
        author: text,
        columns: ['通知公告', `栏${text}`.slice(0, 38)],
        keywords: [`词${text}`.slice(0, 38)],
        policy: { index: text, number: text, issuer: text, topic: text.slice(0, 90), keywords: [text.slice(0, 38)] },
        kind: 'policy',
        body: { format: 'html', content: honest },
      },
    }),
  'names of media, and the text beside pictures': async (ground, payload) => {
    const n = ground.numberOf(payload);
    const picture = await hashOf(ground, await pictureOf(n), payload.text);
    const attached = await hashOf(ground, Buffer.from(`%PDF-1.4\n% ${n}\n%%EOF`), `${payload.text}.pdf`);
    const { text } = payload;
    const alt = whole(text).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const content = `${honest}<p><img src="media:${picture}" alt="${alt}" title="${alt}"></p>`;
    const attachments = [{ hash: attached, name: text }];
    return api(ground, '/releases', {
      json: { title: `${payload.name} media`, source, cover: picture, attachments, body: { format: 'html', content } },
    });
  },
  'file, Markdown': file('md', 'text/markdown', ({ text }) => text),
  'file, HTML': file('html', 'text/html', ({ text }) => text),
  'file, text': file('txt', 'text/plain', ({ text }) => text),
  'file, Word': file('docx', 'application/octet-stream', wordOf),
  'front matter': (ground, { name, text }) => {
    const value = inYaml(text);
    const lines = [
      `title: ${value}`,
      `summary: ${value}`,
      `source: ${value}`,
      `author: ${value}`,
      `columns: [${value}]`,
    ];
    const more = [`keywords: [${value}]`, `${value}: ${value}`, `cover: ${value}`, `attachments: [${value}]`];
    return api(ground, '/releases/import?losses=accept', {
      bytes: `---\n${[...lines, ...more].join('\n')}\n---\n\n正文，${name}。`,
      headers: { 'content-type': 'text/markdown', 'x-file-name': 'a.md' },
    });
  },
  warning: (ground, { name, text }) =>
    api(ground, '/releases', {
      json: {
        title: `${name} 预警`,
        kind: 'emergency',
        source,
        body: { format: 'text', content: text },
        emergency: {
          level: 'red',
          event: `灾${text}`.slice(0, 28),
          areas: [{ name: `县${text}`.slice(0, 58) }],
          onset: '2026-11-24T13:00:00Z',
          expires: '2099-11-24T22:00:00Z',
          instruction: text,
          note: text.slice(0, 190),
          contact: text.slice(0, 98),
        },
      },
    }),
};

const sheet = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n');

function table(path: string, make: (text: string, n: number) => string[][], form: 'CSV' | 'XLSX'): Door {
  return (ground, payload) => {
    const rows = make(whole(payload.text), ground.numberOf(payload) + (form === 'CSV' ? 0 : 1_000));
    const inCells = rows.map((cells) =>
      cells.map((cell) => inXml(cell).replace(/&#(\d+);/g, (_, n) => String.fromCharCode(Number(n)))),
    );
    const bytes = form === 'CSV' ? sheet(rows) : workbook(inCells);
    return api(ground, path, { bytes, headers: { 'content-type': 'application/octet-stream' } });
  };
}

const units = (text: string, n: number): string[][] => [
  ['单位编号', '单位名称', text],
  [`u${n}`, text.slice(0, 95), text],
];
const sites = (text: string, n: number): string[][] => {
  const [name, line] = [`站${text}`.slice(0, 55), `文${text}`.slice(0, 55)];
  const { type, siteDomain, siteIdCode } = builtinSettings;
  const settings = {
    type,
    siteDomain,
    siteIdCode,
    site: `s${n}`,
    siteName: name,
    sponsor: line,
    icp: line,
    police: line,
    contact: line,
  };
  return [
    ['渠道', '账号名称', '所属单位', '标签', ...Object.keys(settings).map((key) => `设置.${key}`)],
    ['website', `${n} ${text}`.slice(0, 95), 'province', `sites;${text}`.slice(0, 38), ...Object.values(settings)],
  ];
};

/** Those that make units and accounts: answered 200 with what was refused by its row. */
export const tableDoors: Readonly<Record<string, Door>> = {
  'units, CSV': table('/organizations/import', units, 'CSV'),
  'units, XLSX': table('/organizations/import', units, 'XLSX'),
  'accounts, CSV': table('/accounts/import', sites, 'CSV'),
  'accounts, XLSX': table('/accounts/import', sites, 'XLSX'),
  'accounts, JSON': (ground, payload) => {
    const n = ground.numberOf(payload) + 2_000;
    const [, values = []] = sites(payload.text, n);
    const columns = [
      { name: `栏${payload.text}`.slice(0, 38), slug: `c${n}`, description: `述${payload.text}`.slice(0, 190) },
    ];
    const settings = { ...builtinSettings, site: `s${n}`, siteName: values[8] ?? '', columns };
    const account = { channel: 'website', name: values[1] ?? '', organization: 'province', tags: ['sites'], settings };
    return api(ground, '/accounts/import', { json: { accounts: [account] } });
  },
};

/** Of the built-in site itself: answered with a page or an address, or refused. */
export const siteDoors: Readonly<Record<string, Door>> = {
  'Micropub, HTML': ({ desk, token }, { name, text }) =>
    micropub(desk, token, {
      name: [`${name} ${text}`],
      content: [{ html: `<p>一</p>${text}` }],
      category: [text],
      author: [text],
    }),
  'Micropub, text': ({ desk, token }, { name, text }) =>
    micropub(desk, token, {
      name: [name],
      content: [text],
      summary: [text],
      'mp-slug': [text],
      photo: [{ value: text, alt: text }],
    }),
  search: ({ desk }, { text }) => request(`${main(desk)}/search?q=${encodeURIComponent(whole(text))}`, 'GET'),
  'an address that is not there': ({ desk }, { text }) =>
    request(`${main(desk)}/${encodeURIComponent(whole(text))}`, 'GET'),
  'an id of the API': (ground, { text }) =>
    request(`${ground.desk.hub.config.url}/api/v1/releases/${encodeURIComponent(whole(text))}`, 'GET', {
      headers: { authorization: `Bearer ${ground.desk.key}` },
    }),
};

export const main = (desk: Desk): string => `${desk.hub.config.url}/sites/${builtinSettings.site}`;

function micropub(desk: Desk, token: string, properties: Record<string, unknown[]>): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}` };
  return request(`${main(desk)}/micropub`, 'POST', { json: { type: ['h-entry'], properties }, headers });
}
