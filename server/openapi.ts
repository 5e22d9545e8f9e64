/** `/api/openapi.json`: made from the endpoints themselves. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { errorBody } from './contract/errors.js';
import { cookieName } from './contract/sessions.js';
import type { Endpoint } from './endpoint.js';

export function openApiDocument(
  endpoints: readonly Endpoint[],
  url: string,
): ReturnType<OpenApiGeneratorV31['generateDocument']> {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: cookieName });
  registry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'lf_<id>_<secret>',
  });
  for (const entry of endpoints) registry.registerPath(routeOf(entry));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: '联发 Lianfa',
      version: '1',
      description: '一次编写，多渠道发布，逐条回报。Write once, publish to every channel, every account reports back.',
    },
    servers: [{ url }],
  });
}

function routeOf({ method, path, summary, needs, params, query, body, bytes, headers, answer }: Endpoint): RouteConfig {
  const errors = { description: '出错 / Error', content: { 'application/json': { schema: errorBody } } };
  const content = answer.schema
    ? { 'application/json': { schema: answer.schema } }
    : answer.mime
      ? { [answer.mime]: { schema: z.string() } }
      : undefined;
  return {
    method,
    path: `/api/v1${path.replace(/:(\w+)/g, '{$1}')}`,
    summary: `${summary.zh} / ${summary.en}`,
    ...(needs && { security: [{ session: [] }, { key: [] }], 'x-needs': needs }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(headers && { headers }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
      ...(bytes && {
        body: {
          required: true,
          content: {
            ...Object.fromEntries(bytes.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
            ...(bytes.json && { 'application/json': { schema: bytes.json } }),
          },
        },
      }),
    },
    responses: { [answer.status]: { description: '完成 / Done', ...(content && { content }) }, default: errors },
  };
}
