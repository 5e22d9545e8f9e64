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
