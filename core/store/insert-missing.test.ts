/** What is there already is told by a server in more than one way. */
import type { Model } from 'mongoose';
import { insertMissing } from './insert-missing.js';

function refusing(error: object): Model<{ _id: string }> {
  const collection = { insertMany: () => Promise.reject(Object.assign(new Error('refused'), error)) };
  return { collection } as unknown as Model<{ _id: string }>;
}
const duplicate = { code: 11_000 };

it.each([
  ['with its place', { ...duplicate, writeErrors: [{ index: 0, code: 11_000 }] }],
  ['with one error in place of a list', { ...duplicate, writeErrors: { index: 0, code: 11_000 } }],
  ['as a refusal of the whole command', duplicate],
])('takes a single row as there already, told %s', async (_, error) => {
  expect(await insertMissing(refusing(error), [{ _id: 'head' }])).toEqual(new Set());
});

it('throws what is no duplicate, and what does not say which of several rows it means', async () => {
  await expect(insertMissing(refusing({ code: 13 }), [{ _id: 'a' }])).rejects.toMatchObject({ code: 13 });
  await expect(insertMissing(refusing(duplicate), [{ _id: 'a' }, { _id: 'b' }])).rejects.toMatchObject(duplicate);
});
