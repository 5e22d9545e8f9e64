/** By which ways the hub tells people, and the secrets for it: set by an operator of the whole hub, sealed, never answered. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { attempt } from '../audit/attempt.js';
import type { Vault } from '../accounts/vault.js';
import type { Actor } from '../model/actor.js';
import type { CalloutSettings } from '../model/callout.js';
import type { Store } from '../store/store.js';

const id = 'callouts';

const secrets = z.object({
  /** `whsec_` and 32 bytes in base64: what receivers of webhooks check signatures by. */
  webhook: z.string().optional(),
  mail: z.string().optional(),
  sms: z.record(z.string(), z.unknown()).optional(),
});
export type CalloutSecrets = z.infer<typeof secrets>;

export interface OpenedSettings {
  row: CalloutSettings | undefined;
  secrets: CalloutSecrets;
}

interface Means {
  store: Store;
  vault: Pick<Vault, 'seal' | 'open'>;
}

/** @throws Error where the secrets were changed or sealed under another key */
export async function openSettings({ store, vault }: Means): Promise<OpenedSettings> {
  const row = (await store.calloutSettings.findById(id).lean<CalloutSettings>()) ?? undefined;
  return { row, secrets: row ? secrets.parse(vault.open(id, row.sealed)) : {} };
}

export interface SettingsChange {
  mail?: (NonNullable<CalloutSettings['mail']> & { password?: string | undefined }) | null;
  sms?: (NonNullable<CalloutSettings['sms']> & { credentials?: Record<string, unknown> | undefined }) | null;
  /** Makes another secret for webhooks: the old one signs nothing from then on. */
  newWebhookSecret?: boolean;
}

/** Writes what is given; null takes a way off. A secret that is not given stays. Answers the webhooks' secret where it was made now. */
export function saveSettings(means: Means, by: Actor, change: SettingsChange): Promise<{ webhookSecret?: string }> {
  const { store, vault } = means;
  return attempt(store, { act: 'callout.settings', who: by, on: {} }, async (session, tell) => {
    const before = await store.calloutSettings.findById(id, null, { session }).lean<CalloutSettings>();
    const known = before ? secrets.parse(vault.open(id, before.sealed)) : {};
    const isNew = known.webhook === undefined || change.newWebhookSecret === true;
    const webhook = isNew ? `whsec_${randomBytes(32).toString('base64')}` : known.webhook;
    const mail = change.mail === undefined ? before?.mail : (change.mail ?? undefined);
    const sms = change.sms === undefined ? before?.sms : (change.sms ?? undefined);
    const mailSecret = change.mail === undefined ? known.mail : (change.mail?.password ?? (mail && known.mail));
    const sameProvider = before?.sms?.adapter === sms?.adapter;
    const smsSecret =
      change.sms === undefined ? known.sms : (change.sms?.credentials ?? (sameProvider ? known.sms : undefined));
    const row: CalloutSettings = {
      _id: id,
      ...(mail && {
        mail: {
          host: mail.host,
          port: mail.port,
          secure: mail.secure,
          from: mail.from,
          ...(mail.user !== undefined && { user: mail.user }),
        },
      }),
      ...(sms && { sms: { adapter: sms.adapter, settings: sms.settings } }),
      sealed: vault.seal(id, {
        ...(webhook !== undefined && { webhook }),
        ...(mailSecret !== undefined && { mail: mailSecret }),
        ...(smsSecret !== undefined && { sms: smsSecret }),
      }),
      version: (before?.version ?? 0) + 1,
    };
    tell({ after: { mail: row.mail?.host, sms: row.sms?.adapter, newWebhookSecret: isNew } });
    if (before) await store.calloutSettings.replaceOne({ _id: id }, row, { session });
    else await store.calloutSettings.create([row], { session });
    return isNew && webhook !== undefined ? { webhookSecret: webhook } : {};
  });
}
