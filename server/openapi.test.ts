import { createApp } from './app.js';
import { openTestServer, type TestServer } from '../test/support/http.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        security?: unknown;
        parameters?: { in: string; name: string }[];
        requestBody?: { content: Record<string, { schema: { properties?: object } }> };
        responses: Record<string, unknown>;
      }
    >
  >;
}

async function document(): Promise<Document> {
  return (await fetch(`${server.url}/api/openapi.json`)).json() as Promise<Document>;
}

it('holds every mounted route, and no other', async () => {
  interface Layer {
    route?: { path: string; methods: Record<string, boolean> };
  }
  const { stack } = createApp(server.services).router as unknown as { stack: Layer[] };
  const mounted = stack.flatMap(({ route }) =>
    route?.path.startsWith('/api/v1')
      ? Object.keys(route.methods).map((method) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`)
      : [],
  );
  const { openapi, paths } = await document();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(openapi).toBe('3.1.0');
  expect(mounted.length).toBeGreaterThan(20);
  expect(described.sort()).toEqual(mounted.sort());
});

it('says which calls need a sign-in, what they take and that errors look alike', async () => {
  const { paths } = await document();
  expect(paths['/api/v1/session']?.['post']?.security).toBeUndefined();
  const create = paths['/api/v1/releases']?.['post'];
  expect(create?.security).toEqual([{ session: [] }, { key: [] }]);
  expect(Object.keys(create?.requestBody?.content['application/json']?.schema.properties ?? {})).toEqual(
    expect.arrayContaining(['title', 'body', 'source']),
  );
  expect(Object.keys(create?.responses ?? {})).toEqual(['201', 'default']);
  expect(paths['/api/v1/releases/{id}/placements']?.['get']?.parameters?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['id', 'state', 'after']),
  );
});

it('refuses what nobody can see in any path or filter of any route by its name, and breaks on it nowhere', async () => {
  const { paths } = await document();
  const hidden = ['%00', '%0B', '%EF%BF%BE', '%1B'];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { parameters = [] }] of Object.entries(methods)) {
      for (const { in: where, name } of parameters) {
        if (where !== 'path' && where !== 'query') continue;
        for (const sign of hidden) {
          const at = path.replace(/\{(\w+)\}/g, (_, part: string) => (part === name ? `a${sign}b` : 'x1'));
          const query = where === 'query' ? `?${name}=a${sign}b` : '';
          const { status, body } = await server.call(method.toUpperCase(), `${at}${query}`);
          const { error } = body as { error?: { code: string; field?: string } };
          expect([method, at, status, error?.code, error?.field]).toEqual([
            method,
            at,
            400,
            'characters_refused',
            name,
          ]);
        }
      }
    }
  }
});

it('answers every JSON body of controls and half characters with a word, never with a fault', async () => {
  const { paths } = await document();
  const dirty = 'a\u0000b\uD800c\uFFFE';
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const properties = requestBody?.content['application/json']?.schema.properties;
      if (!properties) continue;
      const names = Object.keys(properties);
      const shapes = [dirty, [dirty], { [dirty]: dirty }, [{ [dirty]: dirty, id: dirty, name: dirty }]];
      for (const shape of shapes) {
        const json = Object.fromEntries(names.map((name) => [name, shape]));
        const { status } = await server.call(method.toUpperCase(), path.replace(/\{\w+\}/g, 'x1'), { json });
        expect([method, path, status < 500 || status === 503]).toEqual([method, path, true]);
      }
    }
  }
});
