/** Whether a row's account keeps its credentials, gets new ones, or must be given them anew because they would go elsewhere. */
import type { Channel } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import type { AccountRow } from '../model/account.js';
import type { ImportRow } from './input.js';
import { overlaid, tidied } from './values.js';
import type { Vault } from './vault.js';

type Values = Record<string, unknown>;

/** The setting that decides where credentials are sent, before and after. */
export interface Rerouted {
  setting: string;
  old: string;
  fresh: string;
}

/** For the keeper: they go to a new place, and new ones were given for it. */
export function reroutedNotice(account: AccountRow, { old, fresh }: Rerouted, at: Date) {
  return {
    level: 'urgent' as const,
    account: account._id,
    key: `rerouted ${account._id} ${at.getTime()}`,
    said: {
      zh: `账号“${account.name}”的凭据改发往 ${fresh}（原为 ${old}），已换用新填写的凭据。`,
      en: `The credentials of “${account.name}” now go to ${fresh} (before: ${old}); new ones were given.`,
    },
    todo: {
      zh: '请核实新地址；如有误，请用原地址和凭据重新导入该账号。',
      en: 'Confirm the new address; if it is wrong, import the account with the old one and its credentials.',
    },
  };
}

/**
 * `given`: the credentials to seal; undefined where the stored ones stay.
 * @throws LianfaError credential_anew where stored ones would go to another place; field_missing, field_invalid
 */
export function credentialsFor(
  row: ImportRow,
  context: { channel: Channel; vault: Vault; before: AccountRow | undefined; settings: unknown },
): { given: Values | undefined; rerouted: Rerouted | undefined } {
  const { channel, vault, before, settings } = context;
  const { credentials: schema } = channel.accountSchema;
  const stored = before && openedOr(vault, before);
  const rerouted = before && whereTo(channel, before, settings);
  const whole = Object.keys(row.credentials ?? {}).length > 0 ? row.credentials : undefined;
  // Nothing of what was given for one place is laid under what is given for another.
  const under = whole ?? (rerouted || row.credentials === null ? {} : (stored ?? {}));
  const laid = tidied(overlaid(under, row.cells ?? {}, 'credentials', schema)) as Values;
  const isGiven =
    row.credentials === null ||
    whole !== undefined ||
    Object.keys(row.cells ?? {}).some((column) => column.startsWith('credentials.'));
  if (before && !isGiven) {
    const names = stored ? Object.keys(stored) : ['…'];
    if (rerouted && names.length > 0) {
      const field = names.map((name) => `credentials.${name}`).join(', ');
      throw new LianfaError('credential_anew', {
        field,
        setting: rerouted.setting,
        old: rerouted.old,
        new: rerouted.fresh,
      });
    }
    return { given: undefined, rerouted };
  }
  checkFields(schema, laid, 'credentials');
  const isSame = stored !== undefined && JSON.stringify(sorted(stored)) === JSON.stringify(sorted(laid));
  return { given: before && isSame && !rerouted ? undefined : laid, rerouted };
}

/** Undefined where they were sealed under another secret: they are there all the same. */
function openedOr(vault: Vault, row: AccountRow): Values | undefined {
  try {
    return vault.open(row._id, row.sealed) as Values;
  } catch {
    return undefined;
  }
}

/** Compared as the channel reads them, so that a default spelled out is no change. */
function whereTo(channel: Channel, before: AccountRow, settings: unknown): Rerouted | undefined {
  const old = channel.accountSchema.settings.safeParse(before.settings);
  const was = (old.success ? old.data : before.settings) as Values;
  const is = settings as Values;
  const setting = channel.credentialsGoBy.find((name) => was[name] !== is[name]);
  if (setting !== undefined)
    return { setting: `settings.${setting}`, old: shown(was[setting]), fresh: shown(is[setting]) };
  // Another account of the platform behind the same address: what was kept is not its credential.
  const [from, to] = [old.success ? channel.identity(old.data) : '', channel.identity(settings)];
  return from === to ? undefined : { setting: 'settings', old: from, fresh: to };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '（无 none）' : JSON.stringify(value);
}

function sorted(values: Values): [string, unknown][] {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}
