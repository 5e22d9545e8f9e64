/** Every text that a release holds can stand in XML, in the store and on every platform. */
import { z } from 'zod';
import { releaseInput, type ReleaseInput } from './input.js';

const bad = '\u0000\u000b\ufffe\ud800\u0007\uffff';
const fatal = /[\p{Cs}\p{Noncharacter_Code_Point}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/u;
const hash = 'ab'.repeat(32);

const full: z.input<typeof releaseInput> = {
  title: '甲',
  summary: '乙',
  kind: 'emergency',
  body: { format: 'text', content: '正文' },
  source: '丙',
  author: '丁',
  columns: ['戊'],
  keywords: ['己'],
  pictures: [{ hash, alt: '庚' }],
  cover: hash,
  attachments: [{ hash, name: '辛.pdf' }],
  policy: { index: '1', number: '2', issuer: '3', signed: '2026-11-20', validity: '有效', topic: '4', keywords: ['5'] },
  emergency: {
    level: 'red',
    event: '台风',
    areas: [{ name: '古田县', code: '350922' }],
    onset: '2026-11-20T00:00:00Z',
    instruction: '停课',
    contact: '12345',
    short: '台风。',
    spoken: '请注意。',
    references: [{ release: 'r1' }],
  },
  template: {
    id: 't1',
    version: 1,
    facts: {
      level: 'red',
      areas: [{ name: '古田县', code: '350922' }],
      onset: '2026-11-20T00:00:00Z',
      expires: '2026-11-21T00:00:00Z',
      own: { 风力: '12级' },
    },
  },
  interprets: ['r2'],
  interpretations: ['r3'],
  organization: 'o1',
};

/** Every path at which a text stands. */
function texts(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'string') return [path];
  if (Array.isArray(value)) return value.flatMap((part, n) => texts(part, [...path, n]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => texts(part, [...path, name]));
}

function spoiled(path: (string | number)[]): unknown {
  const copy: unknown = structuredClone(full);
  let at = copy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  at[last] = `${bad}${String(at[last])}${bad}`;
  return copy;
}

it('is walked whole: the example holds every field that the schema has', () => {
  expect(Object.keys(releaseInput.shape).filter((name) => !(name in full) && name !== 'language')).toEqual([]);
  expect(releaseInput.safeParse(full).success).toBe(true);
});

it.each(texts(full).map((path) => [path.join('.'), path] as const))(
  'cleans %s, or refuses it by name',
  (name, path) => {
    const result = releaseInput.safeParse(spoiled(path));
    if (!result.success) {
      expect(result.error.issues[0]?.path.join('.')).toBe(name);
      return;
    }
    // The body is cleaned when it is read; hashes and covers are looked up in the library, which holds no such thing.
    if (name === 'body.content' || name === 'cover' || name.endsWith('.hash')) return;
    expect(JSON.stringify(valuesOf(result.data))).not.toMatch(/\\u00|\\uff|\\ud8/);
    for (const text of valuesOf(result.data)) expect(text).not.toMatch(fatal);
  },
);

function valuesOf({ cover: _cover, body: _body, ...rest }: ReleaseInput): string[] {
  return texts(rest).map(
    (path) => path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], rest) as string,
  );
}
