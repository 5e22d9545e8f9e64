/** Which channels there are, and what an account on each needs. */
import { z } from 'zod';
import { channelInfo } from './contract/channels.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

export function channelEndpoints({ channels }: Pick<Services, 'channels'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/channels',
        summary: { zh: '渠道列表及账号所需的设置与凭据', en: 'Channels, with what an account on each needs' },
        needs: { permission: 'any' },
        answer: { status: 200, schema: z.array(channelInfo) },
      },
      () =>
        [...channels.values()].map(({ name, label, accountSchema, authorise }) => ({
          name,
          label,
          authorisable: authorise !== undefined,
          settings: jsonSchema(accountSchema.settings),
          credentials: jsonSchema(accountSchema.credentials),
        })),
    ),
  ];
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}
