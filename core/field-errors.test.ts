import { z } from 'zod';
import { LianfaError } from './errors.js';
import { checkFields } from './field-errors.js';

const schema = z.object({
  title: z.string().min(1).max(5),
  body: z.object({ format: z.enum(['html', 'text']) }),
  tags: z.array(z.string()).default([]),
});

function errorOf(value: unknown, under?: string): unknown {
  try {
    checkFields(schema, value, under);
  } catch (error) {
    return error instanceof LianfaError ? error.toJSON() : error;
  }
  return undefined;
}

it('gives back a good input with its defaults', () => {
  expect(checkFields(schema, { title: 'a', body: { format: 'html' } })).toEqual({
    title: 'a',
    body: { format: 'html' },
    tags: [],
  });
});

it('names a missing field in Chinese and English', () => {
  expect(errorOf({ body: { format: 'html' } })).toMatchObject({
    code: 'field_missing',
    field: 'title',
    message: { zh: '缺少必填项“标题（title）”。', en: 'Required field "title" is missing.' },
  });
});

it('calls an empty required text missing', () => {
  expect(errorOf({ title: '', body: { format: 'html' } })).toMatchObject({ code: 'field_missing', field: 'title' });
});

it('names a nested field and says why in both languages', () => {
  const error = errorOf({ title: 'a', body: { format: 'pdf' } });
  expect(error).toMatchObject({ code: 'field_invalid', field: 'body.format' });
  const { message } = error as { message: { zh: string; en: string } };
  expect(message.zh).toMatch(/正文（body\.format）.*无效/);
  expect(message.en).toMatch(/Invalid option/);
});

it('puts the given name before the path', () => {
  expect(errorOf({ title: 'too long', body: { format: 'html' } }, 'settings')).toMatchObject({
    code: 'field_invalid',
    field: 'settings.title',
  });
});

it('calls something that is no object an invalid body', () => {
  expect(errorOf('text')).toMatchObject({ code: 'field_invalid', field: 'body' });
});
