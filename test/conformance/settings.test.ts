/** Whoever connects an account meets its settings in a form: each has a name in both languages. */
import { join } from 'node:path';
import { z } from 'zod';
import { loadChannels } from '../../channels/registry.js';

interface Shown {
  title?: string;
  properties?: Record<string, Shown>;
  anyOf?: Shown[];
  oneOf?: Shown[];
}

it('every setting and credential of every channel is called something, in Chinese and English', async () => {
  const channels = await loadChannels([join(__dirname, '..', '..', 'channels')]);
  const unnamed = [...channels.values()].flatMap(({ name, accountSchema }) =>
    Object.entries(accountSchema).flatMap(([group, schema]) => {
      const shown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shown;
      return (shown.oneOf ?? shown.anyOf ?? [shown])
        .flatMap(({ properties = {} }) => Object.entries(properties))
        .filter(([, { title }]) => !/^[^/]+ \/ [^/]+$/.test(title ?? ''))
        .map(([field]) => `${name} ${group}.${field}`);
    }),
  );
  expect(channels.size).toBeGreaterThan(3);
  expect(unnamed).toEqual([]);
});
