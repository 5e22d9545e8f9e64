/** While the costliest documents flood in, a server process goes on answering: counted between them, for no clock says how fast a machine is. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { docx, p, r, title, titleStyle } from '../../core/documents/fixtures/docx.js';
import { request } from '../support/http.js';

jest.setTimeout(300_000);

let child: ChildProcess;
let server: { url: string; key: string };

beforeAll(async () => {
  child = fork(join(__dirname, '..', 'fixtures', 'flooded-server.cjs'));
  server = await new Promise((done, fail) => {
    child.once('message', (said) => done(z.object({ url: z.string(), key: z.string() }).parse(said)));
    child.once('exit', (code) => fail(new Error(`the server ended with ${String(code)}`)));
  });
});
afterAll(async () => {
  const ended = new Promise((done) => child.once('exit', done));
  child.disconnect();
  await ended;
});

const page = `<table>${'<tr><td>甲<td>乙<td>丙'.repeat(24_000)}</table>`;
const chunk = '<w:altChunk r:id="c"/>';
const html = (content: string): [string, unknown] => [
  '/preview',
  { release: { title: '洪', source: '甲', body: { format: 'html', content } } },
];
const markdown = (content: string): [string, unknown] => [
  '/releases',
  { title: '洪', source: '甲', body: { format: 'markdown', content } },
];
const word = (body: string, file = ''): [string, Buffer] => [
  '/releases/import?losses=accept&source=1',
  docx({
    body: title + body,
    styles: titleStyle,
    relations: { c: ['aFChunk', 'a.html'] },
    files: { 'word/a.html': file },
  }),
];

/** A few kilobytes each, or much that is allowed: what takes a reader longest. */
const costly: Readonly<Record<string, [string, unknown]>> = {
  'a Word document of 59,000 paragraphs in few bytes': word(p(r('甲')).repeat(59_000)),
  'a Word document with a page inserted': word(chunk, page),
  'a page of a long table': html(page),
  'tables in cells': html('<table><tr><td>'.repeat(160)),
  'marks that never end': html('<a>甲<b><i><u><p>'.repeat(19_000)),
  'Markdown full of asterisks': markdown('**甲 '.repeat(90_000)),
  'Markdown full of brackets': markdown('[甲]('.repeat(20_000)),
};
const times = 2;

it('answers /healthz and small reads between the documents, and every document by name', async () => {
  const authorization = `Bearer ${server.key}`;
  const answers: { name: string; status: number; code: string | undefined }[] = [];
  const all = Array.from({ length: times }, () => Object.entries(costly)).flat();
  let waiting = all.length;
  const flood = Promise.all(
    all.map(async ([name, [path, given]]) => {
      const headers = {
        authorization,
        ...(Buffer.isBuffer(given) && { 'content-type': 'application/octet-stream', 'x-file-name': 'a.docx' }),
      };
      const sent = Buffer.isBuffer(given) ? { bytes: given } : { json: given };
      const { status, body } = await request(`${server.url}/api/v1${path}`, 'POST', { ...sent, headers });
      answers.push({ name, status, code: (body as { error?: { code: string } }).error?.code });
      waiting -= 1;
    }),
  );
  let [alive, read] = [0, 0];
  while (waiting > 0) {
    const [health, list] = await Promise.all([
      request(`${server.url}/healthz`, 'GET'),
      request(`${server.url}/api/v1/organizations`, 'GET', { headers: { authorization } }),
    ]);
    expect([health.status, list.status]).toEqual([200, 200]);
    if (waiting === 0) break;
    alive += 1;
    read += 1;
  }
  await flood;
  // Were a document read where the server answers, nothing would be answered until it is done: one answer a document.
  expect({ alive: alive > all.length * 4, read: read > all.length * 4, counted: alive }).toMatchObject({
    alive: true,
    read: true,
  });
  expect(answers).toHaveLength(all.length);
  for (const { name, status, code } of answers)
    expect([name, status < 300 || (status < 500 && code !== undefined) || code === 'documents_waiting']).toEqual([
      name,
      true,
    ]);
});
