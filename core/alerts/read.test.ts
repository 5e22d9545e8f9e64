/** What of the world's files is an alert, and what not: every sample, with the element and line that a sender is told. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { beside, closeThreads } from '../threads/pool.js';
import type { Alert, AlertFault } from './alert.js';
import { alertLimit, readAlert } from './read.js';
import { tasks } from './tasks.js';

const folder = join(import.meta.dirname, 'fixtures');
const files = readdirSync(folder);
const fileOf = (name: string): Buffer =>
  readFileSync(join(folder, files.find((file) => file.startsWith(name)) ?? name));
const textOf = (name: string): string => fileOf(name).toString('utf8');

function accepted(bytes: Buffer | string): Alert {
  const read = readAlert(Buffer.from(bytes));
  if ('fault' in read) throw new Error(`${read.fault.element}, line ${read.fault.line}: ${read.fault.reason.en}`);
  return read.alert;
}

function refused(bytes: Buffer | string): AlertFault {
  const read = readAlert(Buffer.from(bytes));
  if ('alert' in read) throw new Error(`${read.alert.identifier} was accepted`);
  return read.fault;
}

afterAll(closeThreads);

it.each(files.filter((file) => /^[vqd]/.test(file)))('accepts %s', (file) => {
  expect(accepted(fileOf(file)).sender).toMatch(/@|\.example/);
});

/** Element and the lines that may be named, as files/EXPECTED.md of the samples has them. */
const faults: Readonly<Record<string, [element: string, ...lines: number[]]>> = {
  x01: ['sender', 4, 2],
  x02: ['urgency', 13, 9],
  x03: ['severity', 14],
  x04: ['status', 6],
  x05: ['references', 23],
  x06: ['polygon', 21],
  x07: ['polygon', 20],
  x08: ['polygon', 20],
  x12: ['sent', 5],
  x14: ['expires', 16],
  x16: ['expires', 16],
  x21: ['alert', 2],
  x22: ['alert', 2],
  x23: ['EDXLDistribution', 2],
  x24: ['identifier', 3],
  x26: ['identifier', 3],
  x27: ['references', 9],
  x28: ['references', 9],
  x29: ['references', 7, 2],
  x31: ['circle', 20],
  x32: ['ceiling', 21],
  x33: ['colour', 16],
  x35: ['restriction', 8],
  x36: ['addresses', 8],
  x37: ['severity', 14],
  x38: ['html', 1, 2],
  x41: ['alert', 24],
  x43: ['headline', 17],
};

it('knows what to say of every invalid sample', () => {
  expect(files.filter((file) => file.startsWith('x')).map((file) => file.slice(0, 3))).toEqual(Object.keys(faults));
});

it.each(Object.entries(faults))('refuses %s and names the element and its line', (name, [element, ...lines]) => {
  const fault = refused(fileOf(name));
  expect(fault.element).toBe(element);
  expect(lines).toContain(fault.line);
  expect(fault.reason.zh).toMatch(/[\u4e00-\u9fff]/);
});

it('says why in words that help: where an element belongs, what is empty, which of several', () => {
  expect(refused(fileOf('x05')).reason.en).toContain('must stand before info');
  expect(refused(fileOf('x28')).reason.en).toContain('refers to itself');
  const update = textOf('v13').replace('<msgType>Alert', '<msgType>Update');
  expect(refused(update)).toMatchObject({
    element: 'references',
    line: 14,
    reason: { en: 'empty: an Update must say what it updates.' },
  });
  const second = textOf('v14').replace(' 25.40,119.70</polygon>', '</polygon>');
  expect(refused(second)).toMatchObject({ element: 'polygon', line: 22 });
  expect(refused(second).reason.en).toContain('number 2');
  const circle = textOf('v14').replace('24.48,118.09 0', '24.48 118.09 0');
  expect(refused(circle)).toMatchObject({ element: 'circle', line: 33 });
  expect(refused(circle).reason.en).toContain('number 2');
  const prefixed = refused(textOf('v11').replace('<cap:severity>Severe', '<cap:severity>High'));
  expect(prefixed).toMatchObject({ element: 'severity', line: 18, reason: refused(fileOf('x03')).reason });
  expect(refused(textOf('x03').replace('>Actual<', '>Test<'))).toEqual(refused(fileOf('x03')));
});

it('reads every encoding that its declaration, its mark or its zero bytes name', () => {
  const chinese = accepted(fileOf('v08'));
  expect(chinese.infos[0]?.headline).toBe('䶮洲镇（虚构）暴雨红色预警');
  expect(chinese.infos[0]?.description).toMatch(/^𠮷屿、㐂村/);
  const text = iconv.decode(fileOf('v08'), 'gb18030');
  for (const name of ['gb2312', 'GBK'])
    expect(accepted(iconv.encode(text.replace('GB18030', name), 'gb18030'))).toEqual(chinese);
  expect(accepted(fileOf('v07')).infos[0]?.headline ?? '').toMatch(/[éê]/);
  const plain = textOf('v02');
  const wide = plain.replace('UTF-8', 'UTF-16');
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
  const little = Buffer.from(wide, 'utf16le');
  for (const bytes of [
    little,
    swapped(little),
    Buffer.from(`\ufeff${wide}`, 'utf16le'),
    swapped(Buffer.from(`\ufeff${wide}`, 'utf16le')),
  ])
    expect(accepted(bytes)).toEqual(accepted(plain));
  expect(
    refused(Buffer.from(plain.replace('台风橙色', '台风\udc00橙色').replace('UTF-8', 'UTF-16'), 'utf16le')),
  ).toMatchObject({ line: 29 });
  const broken = Buffer.from(plain);
  broken[plain.slice(0, plain.indexOf('<note>')).length + 200] = 0xff;
  expect(refused(broken).reason.en).toContain('bytes that are not UTF-8');
  expect(refused(iconv.encode(plain, 'gb18030'))).toMatchObject({ element: 'alert', line: 8 });
  expect(refused(plain.replace('UTF-8', 'base64')).line).toBe(1);
});

it('keeps texts as they are meant: comments, CDATA and references within, line ends, blanks around codes and shapes', () => {
  expect(accepted(fileOf('v11')).infos[0]).toMatchObject({
    event: 'Landslide',
    headline: 'Road A&B closed & guarded',
    description: 'Stay <away>. 路路',
  });
  expect(accepted(fileOf('v33')).infos[0]).toMatchObject({
    description: '第一行\n第二行\n\t缩进行',
    areas: [{ polygons: ['26.00,119.20 26.00,119.40 26.15,119.40 26.00,119.20'] }],
  });
  const bushfire = accepted(fileOf('v05'));
  expect(bushfire.codes).toEqual(['urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0']);
  expect(bushfire.infos[0]?.eventCodes[0]?.valueName).toBe(
    'urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0:AUeventLIST:1.0',
  );
  expect(bushfire.infos[0]?.areas[0]?.polygons[0]?.split(' ')).toHaveLength(4);
  expect(accepted(fileOf('v13'))).toMatchObject({ references: [], codes: [], infos: [{ language: 'en-US' }] });
  expect(accepted(fileOf('v13'))).not.toHaveProperty('source');
  expect(accepted(fileOf('v20')).addresses).toEqual(['duty desk one', 'desk2@alert.example', 'desk three']);
  expect(accepted(fileOf('v16')).references.map(({ identifier }) => identifier)).toEqual([
    '35010041600000_20261201083000',
    '35010041600000_20261201093000',
  ]);
  expect(accepted(fileOf('v26')).signatures).toBe(1);
  expect(accepted(fileOf('v35')).infos[0]?.resources).toEqual([
    {
      resourceDesc: '一像素图',
      mimeType: 'image/png',
      size: '68',
      uri: 'map.png',
      enclosed: { bytes: 70, sizeFits: false, digestFits: false },
    },
  ]);
  expect(accepted(fileOf('v30')).infos[0]?.areas[0]?.polygons[0]?.split(' ')).toHaveLength(6_209);
});

const v02 = textOf('v02');
const wrong: [string, string, string, number][] = [
  ['an element twice', v02.replace('<note>', '<note>a</note>\n<note>'), 'note', 12],
  ['text between elements', v02.replace('<status>', 'text <status>'), 'alert', 6],
  ['an element in a text', v02.replace('台风</event>', '台<b/>风</event>'), 'b', 16],
  ['an attribute', v02.replace('<event>', '<event lang="zh">'), 'event', 16],
  ['an element of another namespace', v02.replace('<note>', '<x:y xmlns:x="urn:x"/><note>'), 'y', 11],
  ['something behind the signature', textOf('v26').replace('</Signature>', '</Signature><note>a</note>'), 'note', 36],
  ['an enumeration with blanks', v02.replace('>Actual<', '> Actual <'), 'status', 6],
  ['a day that there is not', v02.replace('2026-12-01T14:00:00', '2026-02-29T14:00:00'), 'onset', 27],
  ['a time without an offset', v02.replace('2026-12-01T14:00:00+08:00', '2026-12-01T14:00:00'), 'onset', 27],
  ['an offset that there is not', v02.replace('T14:00:00+08:00', 'T14:00:00+15:00'), 'onset', 27],
  ['a latitude out of range', textOf('v28').replace('26.00,119.20', '119.20,26.00'), 'polygon', 20],
  ['a polygon of words', textOf('v28').replace('26.00,119.20', 'here'), 'polygon', 20],
  ['a circle without a radius', textOf('v14').replace('26.07,119.30 5.5', '26.07,119.30'), 'circle', 23],
  ['a comma in an identifier', v02.replace('35010041600000_', '35010041600000,'), 'identifier', 3],
  ['an ampersand in a sender', v02.replace('350100.warn@', 'a&amp;b@'), 'sender', 4],
  ['an empty event', v02.replace('>台风<', '><'), 'event', 16],
  [
    'a restriction on what is public',
    v02.replace('</scope>', '</scope><restriction>内部</restriction>'),
    'restriction',
    9,
  ],
  [
    'a reference with a time in Z',
    textOf('v15').replace('2026-12-01T08:30:00+08:00<', '2026-12-01T00:30:00Z<'),
    'references',
    9,
  ],
  ['a Cancel without what it cancels', v02.replace('>Alert<', '>Cancel<'), 'references', 7],
  ['an Ack without what it answers', v02.replace('>Alert<', '>Ack<'), 'references', 7],
  ['a relative address with nothing enclosed', textOf('v35').replace(/<derefUri>.*<\/derefUri>\n/, ''), 'uri', 22],
  ['a size that is no number', textOf('v35').replace('>68<', '>68 B<'), 'size', 21],
  ['lines before the declaration', `From: a\nTo: b\n\n${v02}`, 'alert', 1],
  ['a declared entity', v02.replace('<alert', '<!DOCTYPE alert [<!ENTITY a "b">]>\n<alert'), 'DOCTYPE', 2],
  ['an outside file', v02.replace('<alert', '<!DOCTYPE alert SYSTEM "file:///etc/hostname">\n<alert'), 'DOCTYPE', 2],
  ['an entity named like what every object has', v02.replace('虚构样例', '&constructor;'), 'note', 11],
  ['nothing', '', 'alert', 1],
  ['a JSON text', '{}', 'alert', 1],
  ['a wrapper without an alert', '<alerts/>', 'alerts', 1],
  ['no info but an area', textOf('v14').replace(/<info>[\s\S]*?<area>/, '<area>'), 'area', 9],
];

it.each(wrong)('refuses %s', (_, text, element, line) => {
  expect(refused(text)).toMatchObject({ element, line });
});

it('refuses what lost every second line, at the first place that is broken', () => {
  const half = v02
    .split('\n')
    .filter((_, n) => n % 2 === 0)
    .join('\n');
  expect(refused(half).line).toBeLessThan(5);
});

it('holds up nothing: a large or hostile message is read in a thread, or refused by its bound', async () => {
  const many = textOf('v37');
  const began = performance.now();
  expect(accepted(many).infos[0]?.description).toBe('台'.repeat(20_000));
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(refused(many.replace(/(&#[^;]+;)/, (one) => one.repeat(2_000_000)))).toMatchObject({
    element: 'alert',
    line: 1,
    reason: { en: expect.stringContaining('bound of 8 MB') as string },
  });
  expect(alertLimit).toBe(8 * 1024 * 1024);
  const deep = v02.replace('</alert>', `<s:a xmlns:s="http://www.w3.org/2000/09/xmldsig#">${'<s:b>'.repeat(5_000)}`);
  expect(refused(deep)).toMatchObject({ element: 'b' });
  const wide = v02.replace('<note>', `${'<code>a</code>'.repeat(310_000)}<note>`);
  const here = jest.spyOn(tasks.read, 'run');
  const bytes = Buffer.from(wide);
  expect(await beside(tasks.read, { bytes }, bytes.length)).toMatchObject({ fault: { element: 'code' } });
  expect(here).not.toHaveBeenCalled();
});
