import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, LianfaError, type ErrorCode } from './errors.js';

const codes = Object.keys(catalogue) as ErrorCode[];
const row = (code: ErrorCode): string => {
  const { status, said, todo } = catalogue[code];
  return `| \`${code}\` | ${status} | ${said.zh}<br>${said.en} | ${todo.zh}<br>${todo.en} |`;
};

it('docs/errors.md tells every error, as the catalogue has it, and none besides', () => {
  const document = readFileSync(join(import.meta.dirname, '../docs/errors.md'), 'utf8');
  expect(document.split('\n').filter((line) => line.startsWith('| `'))).toEqual(codes.map(row));
});

it('has each code in one file alone', () => {
  const folder = join(import.meta.dirname, 'errors');
  const written = readdirSync(folder).flatMap((file) =>
    Array.from(readFileSync(join(folder, file), 'utf8').matchAll(/^ {2}(\w+): \{$/gm), ([, code]) => code),
  );
  expect(written.sort()).toEqual([...codes].sort());
});

it('fills a sentence in each language with its own detail, and names fields in Chinese', () => {
  const error = new LianfaError('field_invalid', { field: 'source', reason: { zh: '太长', en: 'too long' } });
  expect(error.toJSON()).toMatchObject({
    field: 'source',
    message: { zh: '“来源（source）”填写有误：太长', en: 'Field "source" is not valid: too long' },
  });
  expect(error.message).toBe('Field "source" is not valid: too long');
});
