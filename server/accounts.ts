import type { QueryFilter } from 'mongoose';
import { z } from 'zod';
import type { AccountRow } from '../core/model/account.js';
import { checkAccount, stageSoon } from '../core/accounts/check.js';
import { importAccounts } from '../core/accounts/import.js';
import { announceAct } from '../core/audit/book.js';
import { LianfaError } from '../core/errors.js';
import { accountColumns } from '../core/accounts/template.js';
import { accountImport, accountRow, accountShape, type ImportRow } from '../core/accounts/input.js';
import { relocateAccount, switchAccount } from '../core/accounts/manage.js';
import { importOne } from '../core/import-one.js';
import { readGiven } from '../core/import-given.js';
import { importResult } from '../core/import-result.js';
import { within } from '../core/model/organization.js';
import {
  account,
  accountChange,
  accountQuery,
  newAccount,
  switchingOff,
  type AccountBody,
} from './contract/accounts.js';
import { pageOf } from './contract/pages.js';
import { endpoint, unitFor, type Caller, type Endpoint } from './endpoint.js';
import { importFile, importQuery, sendTemplate } from './import-file.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function accountEndpoints(services: Pick<Services, 'store' | 'channels' | 'vault' | 'callFor'>): Endpoint[] {
  const { store, channels, vault } = services;

  async function bodies(rows: readonly AccountRow[]): Promise<AccountBody[]> {
    const units = await store.organizations
      .find({ _id: { $in: [...new Set(rows.map((row) => row.organization))] } })
      .lean();
    const names = new Map(units.map((unit) => [unit._id, unit.name]));
    return rows.map((row) => bodyOf(row, names.get(row.organization) ?? row.organization));
  }

  async function accountOf(id: string): Promise<AccountRow> {
    const row = await store.accounts.findById(id).lean();
    if (!row) throw new LianfaError('not_found', { what: id });
    return row;
  }

  async function save(row: ImportRow, { rights, actor }: Caller): Promise<AccountBody | undefined> {
    await importOne(row, accountRow, (given) =>
      importAccounts(services, given, { may: (path) => rights.may('accounts.manage', path), by: actor }),
    );
    const { channel, organization, name } = row;
    const known = [...channels.values()].find(({ name: own, label }) => [own, label.zh, label.en].includes(channel));
    const saved = await store.accounts.findOne({ organization, channel: known?.name ?? channel, name }).lean();
    const [body] = await bodies(saved ? [saved] : []);
    return body;
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/accounts',
        summary: { zh: '账号列表', en: 'Accounts' },
        needs: { permission: 'accounts.read', over: 'places' },
        query: accountQuery,
        answer: { status: 200, schema: pageOf(account) },
      },
      async ({ query: { after, limit, channel, organization, credential } }, { rights }) => {
        const filter: QueryFilter<AccountRow> = {
          ...within<AccountRow>(rights.places('accounts.read')),
          ...(channel !== undefined && { channel }),
          ...(organization !== undefined && { organization }),
          ...(credential !== undefined && { 'credential.state': credential }),
          ...(after !== undefined && { _id: { $gt: after } }),
        };
        const rows = await store.accounts
          .find(filter)
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean();
        const items = await bodies(rows.slice(0, limit));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/accounts/template',
        summary: { zh: '某渠道账号的导入模板（CSV）', en: "An empty table of a channel's accounts (CSV)" },
        needs: { permission: 'any' },
        query: z.object({ channel: z.string().max(40) }),
        answer: { status: 200, mime: 'text/csv' },
      },
      ({ query, response }) => {
        const channel = channels.get(query.channel);
        if (!channel) throw new LianfaError('not_found', { what: query.channel });
        sendTemplate(response, `accounts-${channel.name}`, accountColumns(channel));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/accounts/import',
        summary: {
          zh: '导入账号（CSV、Excel 或 JSON；有误的行单独指出，其余照常导入）',
          en: 'Import accounts (CSV, Excel or JSON); a bad row stops no other',
        },
        needs: { permission: 'accounts.manage', over: 'places' },
        query: importQuery,
        bytes: importFile(accountImport),
        answer: { status: 200, schema: importResult },
      },
      async ({ bytes, query }, { rights, actor }) =>
        importAccounts(services, await readGiven(bytes, accountShape), {
          dryRun: query.dryRun === 'true',
          may: (path) => rights.may('accounts.manage', path),
          by: actor,
        }),
    ),
    endpoint(
      {
        method: 'post',
        path: '/accounts',
        summary: { zh: '新建账号', en: 'Make an account' },
        needs: { permission: 'accounts.manage', over: 'new' },
        body: newAccount,
        answer: { status: 201, schema: account },
      },
      async ({ body }, caller) => {
        await unitFor(store, caller, 'accounts.manage', body.organization);
        const key = { organization: body.organization, channel: body.channel, name: body.name };
        if (await store.accounts.exists(key))
          throw new LianfaError('account_taken', { field: 'name', name: body.name });
        return save(body, caller);
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/accounts/:id',
        summary: { zh: '修改账号', en: 'Change an account' },
        needs: { permission: 'accounts.manage', over: 'account' },
        params: byId,
        body: accountChange,
        answer: { status: 200, schema: account },
      },
      async ({ params, body: { name, organization, ...values } }, caller) => {
        const before = await accountOf(params.id);
        const moved = organization !== undefined && organization !== before.organization;
        if (moved) await unitFor(store, caller, 'accounts.manage', organization);
        const unit = moved ? await store.organizations.findById(organization).lean() : undefined;
        if (unit || (name !== undefined && name !== before.name))
          await relocateAccount(store, before, { name, unit: unit ?? undefined }, caller.actor);
        const now = await accountOf(params.id);
        return save({ ...values, channel: now.channel, name: now.name, organization: now.organization }, caller);
      },
    ),
    ...(['disable', 'enable'] as const).map((what) =>
      endpoint(
        {
          method: 'post',
          path: `/accounts/:id/${what}`,
          summary:
            what === 'disable'
              ? { zh: '停用账号', en: 'Switch an account off' }
              : { zh: '启用账号', en: 'Switch an account on' },
          needs: { permission: 'accounts.manage', over: 'account' },
          params: byId,
          body: what === 'disable' ? switchingOff : switchingOff.partial(),
          answer: { status: 200, schema: account },
        },
        async ({ params, body }, { actor }) => {
          await switchAccount(store, await accountOf(params.id), what === 'enable', body.reason, actor);
          const [shown] = await bodies([await accountOf(params.id)]);
          return shown;
        },
      ),
    ),
    endpoint(
      {
        method: 'post',
        path: '/accounts/:id/check',
        summary: { zh: '检查账号凭据', en: 'Check the credentials of an account' },
        needs: { permission: 'accounts.manage', over: 'account' },
        params: z.object({ id: z.string() }),
        answer: { status: 200, schema: account },
      },
      async ({ params: { id } }, { actor }) => {
        const row = await store.accounts.findById(id).lean();
        const channel = row && channels.get(row.channel);
        if (!row || !channel) throw new LianfaError('not_found', { what: id });
        const call = services.callFor(channel, AbortSignal.timeout(channel.limits.publishSeconds * 1000));
        const credential = await checkAccount({ store, vault, channel, call }, row);
        const entry = { act: 'account.check', outcome: 'done' as const, who: actor, unit: row.organization };
        const after = { state: credential.state };
        await announceAct(store, { ...entry, on: { account: id }, after });
        if (channel.prepare && (!row.prepared || row.prepared.failed)) await stageSoon(store, id);
        const [body] = await bodies([{ ...row, credential }]);
        return body;
      },
    ),
  ];
}

function bodyOf(row: AccountRow, organizationName: string): AccountBody {
  const { state, checkedAt, daysLeft, cause, todo } = row.credential;
  return {
    id: row._id,
    channel: row.channel,
    name: row.name,
    organization: row.organization,
    organizationName,
    region: row.region,
    tags: row.tags,
    enabled: row.enabled,
    ...(row.exercise && { exercise: row.exercise }),
    settings: row.settings,
    credential: { state, daysLeft, cause, todo, ...(checkedAt && { checkedAt: new Date(checkedAt).toISOString() }) },
  };
}
