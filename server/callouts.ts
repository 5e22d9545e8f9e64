/** Who has been called for what, and by which ways the hub calls. */
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { checkFields } from '../core/field-errors.js';
import { figuresOf } from '../core/callouts/figures.js';
import { smsLength } from '../core/callouts/sms-length.js';
import { openSettings, saveSettings } from '../core/callouts/settings.js';
import type { Callout } from '../core/model/callout.js';
import { within } from '../core/model/organization.js';
import { receiptAddress } from '../core/receipts/links.js';
import type { SmsAdapter, SmsFields } from '../sms/sms.js';
import { calloutBody } from './callout-body.js';
import {
  callout,
  calloutFigures,
  calloutQuery,
  calloutSettings,
  calloutSettingsChange,
  type CalloutSettingsBody,
} from './contract/callouts.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

/** As long as fields can be. */
function longest({ fieldLength }: SmsAdapter): SmsFields {
  const filled = '字'.repeat(fieldLength);
  return { mark: '演练', unit: filled, title: filled, token: `k${'0'.repeat(33)}` };
}

/** The link that people get must lead here: its beginning stands in words that only a provider approves. @throws LianfaError field_invalid */
function requireOwnLink(adapter: SmsAdapter, settings: unknown, hubUrl: string): void {
  const fields = longest(adapter);
  const link = receiptAddress(hubUrl, fields.token);
  for (const kind of ['call', 'stand-down'] as const)
    if (!adapter.text(settings, { kind, fields }).includes(link))
      throw new LianfaError('field_invalid', {
        field: 'settings.template',
        reason: {
          zh: `模板中的链接要写成 ${receiptAddress(hubUrl, '${token}')}`,
          en: `the link in the template must read ${receiptAddress(hubUrl, '${token}')}`,
        },
      });
}

export function calloutEndpoints(services: Pick<Services, 'store' | 'vault' | 'smsAdapters' | 'config'>): Endpoint[] {
  const { store, smsAdapters, config } = services;

  function partsOf({ adapter: name, settings }: { adapter: string; settings: unknown }): { parts?: number } {
    const adapter = smsAdapters.get(name);
    if (!adapter) return {};
    const text = adapter.text(adapter.settings.parse(settings), { kind: 'call', fields: longest(adapter) });
    return { parts: smsLength(text).parts };
  }

  async function shown(): Promise<CalloutSettingsBody> {
    const { row, secrets } = await openSettings(services);
    return {
      ...(row?.mail && { mail: { ...row.mail, password: secrets.mail !== undefined } }),
      ...(row?.sms && { sms: { ...row.sms, ...partsOf(row.sms), credentials: secrets.sms !== undefined } }),
      webhook: secrets.webhook !== undefined,
      adapters: [...smsAdapters.values()].map(({ name, label, settings, credentials }) => ({
        name,
        label,
        settings: z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }),
        credentials: z.toJSONSchema(credentials, { io: 'input', unrepresentable: 'any' }),
      })),
    };
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/callouts',
        summary: { zh: '叫应列表', en: 'Callouts of a state' },
        needs: { permission: 'duty.read', over: 'places' },
        query: calloutQuery,
        answer: { status: 200, schema: pageOf(callout) },
      },
      async ({ query: { state, after, limit } }, { rights }) => {
        const mine = within<Callout>(rights.places('duty.read'));
        const later = after === undefined ? {} : { _id: { $gt: after } };
        const rows = await store.callouts
          .find({ $and: [{ state, ...later }, mine] })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean<Callout[]>();
        const items = rows.slice(0, limit);
        return {
          items: items.map((row) => calloutBody(row, rights)),
          ...(rows.length > limit && { next: items.at(-1)?._id }),
        };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/callouts',
        summary: { zh: '一个发布件的叫应经过', en: 'Who was called for a release, and what came of it' },
        needs: { permission: 'releases.read', over: 'release' },
        params: z.object({ id: z.string() }),
        query: z.object({ after: z.string().max(200).optional(), limit: calloutQuery.shape.limit }),
        answer: { status: 200, schema: pageOf(callout) },
      },
      async ({ params: { id }, query: { after, limit } }, { rights }) => {
        const rows = await store.callouts
          .find({ releases: { $in: [id] }, ...(after !== undefined && { _id: { $gt: after } }) })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean<Callout[]>();
        const items = rows.slice(0, limit);
        return {
          items: items.map((row) => calloutBody(row, rights)),
          ...(rows.length > limit && { next: items.at(-1)?._id }),
        };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/callouts/figures',
        summary: {
          zh: '一个发布件的叫应进度：已发出、对方系统已收、已打开、已回执',
          en: 'How far the calling of a release has come: sent, taken by the next system, opened, receipts',
        },
        needs: { permission: 'releases.read', over: 'release' },
        params: z.object({ id: z.string() }),
        answer: { status: 200, schema: calloutFigures },
      },
      ({ params: { id } }) => figuresOf(store, id),
    ),
    endpoint(
      {
        method: 'get',
        path: '/placements/:id/callouts',
        summary: { zh: '一个发布位的叫应经过', en: 'Who was called for one placement, and what came of it' },
        needs: { permission: 'releases.read', over: 'placement' },
        params: z.object({ id: z.string() }),
        answer: { status: 200, schema: z.object({ items: z.array(callout) }) },
      },
      async ({ params: { id } }, { rights }) => {
        const row = await store.placements.findById(id, { organization: 1 }).lean();
        const rows = await store.callouts.find({ organization: row?.organization ?? '' }).lean<Callout[]>();
        const its = rows.filter(({ items }) => items.some(({ placement }) => placement === id));
        return { items: its.map((one) => calloutBody(one, rights)) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/callouts/settings',
        summary: { zh: '叫应方式的设置（不含密钥）', en: 'By which ways the hub calls; never its secrets' },
        needs: { permission: 'callouts.manage', over: 'places' },
        answer: { status: 200, schema: calloutSettings },
      },
      (_, caller) => {
        requireWhole(caller);
        return shown();
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/callouts/settings',
        summary: {
          zh: '设置叫应方式（邮件、短信、回调签名）',
          en: 'Set mail, text messages and the secret of webhooks',
        },
        needs: { permission: 'callouts.manage', over: 'places' },
        body: calloutSettingsChange,
        answer: { status: 200, schema: calloutSettings },
      },
      async ({ body }, caller) => {
        requireWhole(caller);
        const { sms } = body;
        const adapter = sms && smsAdapters.get(sms.adapter);
        if (sms && !adapter) throw new LianfaError('sms_unknown', { field: 'sms', adapter: sms.adapter });
        // Refused now, with the field named, and not in the night that it is for.
        if (sms && adapter) {
          requireOwnLink(adapter, checkFields(adapter.settings, sms.settings), config.url);
          if (sms.credentials) checkFields(adapter.credentials, sms.credentials);
        }
        const { mail, newWebhookSecret } = body;
        const made = await saveSettings(services, caller.actor, {
          ...(mail !== undefined && { mail: mail && withoutUndefined(mail) }),
          ...(sms !== undefined && { sms }),
          ...(newWebhookSecret !== undefined && { newWebhookSecret }),
        });
        return { ...(await shown()), ...made };
      },
    ),
  ];
}

function withoutUndefined<T extends { user?: string | undefined }>({
  user,
  ...rest
}: T): Omit<T, 'user'> & { user?: string } {
  return { ...rest, ...(user !== undefined && { user }) };
}

/** They are the hub's, so whoever runs a part of it does not see them. @throws LianfaError not_found */
function requireWhole({ rights }: Caller): void {
  if (!rights.may('callouts.manage', '')) throw new LianfaError('not_found', { what: 'callouts/settings' });
}
