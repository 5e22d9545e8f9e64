/** Websites: our own static site engine, or a remote CMS that speaks Micropub. */
import type { Account, Channel } from '../channel.js';
import * as builtin from './builtin.js';
import { classify } from './errors.js';
import { face } from './face.js';
import * as micropub from './micropub.js';
import type { WebsitePayload } from './payload.js';
import { render, renditionKey } from './rendition.js';
import { websiteSandbox } from './sandbox.js';
import {
  credentialsSchema,
  identityOf,
  settingsSchema,
  type BuiltinSettings,
  type Credentials,
  type MicropubSettings,
  type Settings,
} from './settings.js';

function isBuiltin(account: Account<Settings, Credentials>): account is Account<BuiltinSettings, Credentials> {
  return account.settings.type === 'builtin';
}

function isMicropub(account: Account<Settings, Credentials>): account is Account<MicropubSettings, Credentials> {
  return account.settings.type === 'micropub';
}

function by<T>(
  account: Account<Settings, Credentials>,
  own: (account: Account<BuiltinSettings, Credentials>) => T,
  cms: (account: Account<MicropubSettings, Credentials>) => T,
): T {
  if (isBuiltin(account)) return own(account);
  if (isMicropub(account)) return cms(account);
  throw new RangeError('an account of this channel is a built-in site or a Micropub site');
}

export const channel: Channel<Settings, Credentials, WebsitePayload> = {
  name: 'website',
  label: { zh: '政府网站', en: 'Website' },
  accountSchema: { settings: settingsSchema, credentials: credentialsSchema },
  identity: identityOf,
  credentialsGoBy: ['type', 'endpoint'],
  limits: {
    pictures: {
      page: { maxBytes: 1_500_000, maxEdge: 1_600, tallBytes: 8_000_000, formats: ['jpeg', 'png', 'gif', 'webp'] },
    },
    publishSeconds: 120,
  },
  render,
  renditionKey,
  hostOf: ({ settings }) => (settings.type === 'micropub' ? new URL(settings.endpoint).origin : ''),
  prepare: (account, call) =>
    by(
      account,
      (own) => builtin.prepare(own, call),
      async () => undefined,
    ),
  overdue: (call) => builtin.overdue(call),
  showHeads: (account, heads, call) =>
    by<Promise<{ page: string; json: string } | undefined>>(
      account,
      (own) => builtin.showHeads(own, heads, call),
      () => Promise.resolve(undefined),
    ),
  publish: (account, rendition, call) =>
    by(
      account,
      (own) => builtin.publish(own, rendition, call),
      (cms) => micropub.publish(cms, rendition, call),
    ),
  replaces: () => 'in-place',
  find: (account, rendition, call) =>
    by(
      account,
      (own) => builtin.find(own, rendition, call),
      (cms) => micropub.find(cms, rendition, call),
    ),
  verify: (account, remote, rendition, call) =>
    by(
      account,
      (own) => builtin.verify(own, remote, rendition, call),
      (cms) => micropub.verify(cms, remote, rendition, call),
    ),
  withdraw: (account, remote, call) =>
    by(
      account,
      (own) => builtin.withdraw(own, remote, call),
      (cms) => micropub.withdraw(cms, remote, call),
    ),
  check: (account, call) =>
    by(
      account,
      (own) => builtin.check(own, call),
      (cms) => micropub.check(cms, call),
    ),
  classify,
  publicFace: face,
  sandbox: websiteSandbox,
};
