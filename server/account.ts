/** My security: what persons see and do of their own account. Never by a key. */
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import type { Person } from '../core/model/person.js';
import { endDeputy, giveDeputy } from '../core/people/deputies.js';
import { newSecret, otpauthAddress, recoveryCodesLeft } from '../core/people/factor.js';
import {
  changeAddress,
  changePassword,
  confirmFactor,
  makeKey,
  renewRecoveryCodes,
  requireProof,
  revokeKey,
  turnFactorOff,
} from '../core/people/own.js';
import { activePerson, rolesOf } from '../core/people/read.js';
import { holdingsOf, namesOf } from '../core/people/register.js';
import { attempt } from '../core/audit/attempt.js';
import type { EntryBody } from '../core/audit/entry.js';
import {
  account,
  factorBegun,
  factorConfirm,
  keyMade,
  newAddress,
  newDeputy,
  newKey,
  newPassword,
  ownAct,
  ownKey,
  ownSession,
  proofOnly,
  recoveryCodes,
} from './contract/account.js';
import { mustFirst } from './door.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import { holdingBody, unitNames } from './people.js';
import { proofTries } from './proofs.js';
import { rise, sessionOf } from './rising.js';
import { RedisSessions, shownId } from './session-store.js';
import type { Services } from './services.js';
import type { Request } from 'express';

const early = { permission: 'any', early: true } as const;
const any = { permission: 'any' } as const;
/** What tells a person that somebody else was at their account. */
const ownActs = [
  'session.open',
  'account.password',
  'account.address',
  'account.factor',
  'account.factor-off',
  'account.recovery',
  'account.key',
  'account.key-revoke',
  'person.link-accept',
  'identity.bind',
];
const params = z.object({ id: z.string() });
/** Milliseconds in which a second step that was begun has to be confirmed. */
const settingUp = 10 * 60 * 1000;

export function mySecurityEndpoints(services: Pick<Services, 'store' | 'vault' | 'redis' | 'config'>): Endpoint[] {
  const { store, vault, redis, config } = services;
  const sessions = new RedisSessions(redis, config.redisPrefix, vault);
  const trying = proofTries(services);

  /** Whose account it is. @throws LianfaError key_personal */
  function own({ actor }: Caller): Caller['actor'] {
    if (actor.key !== undefined) throw new LianfaError('key_personal');
    return actor;
  }
  /** The same, for what begins with a proof. @throws LianfaError key_personal, too_many_attempts */
  function proving<T>(caller: Caller, work: (actor: Caller['actor']) => Promise<T>): Promise<T> {
    const actor = own(caller);
    return trying(actor.person, () => work(actor));
  }
  /** Whether the hub asks the person's roles for the second step. */
  async function isRequired({ _id }: Person): Promise<boolean> {
    return mustFirst({}, await rolesOf(services, _id), config.secondFactor) === 'factor';
  }
  /** The session goes on under a new id, as the person is now. */
  function goOn(request: Request, person: Person): Promise<void> {
    return rise(request, sessionOf(person, request));
  }
  async function known({ _id }: Caller): Promise<Person> {
    const person = await activePerson(services, _id);
    if (!person) throw new LianfaError('sign_in_required');
    return person;
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/account',
        summary: { zh: '我的账户与安全', en: 'My account' },
        needs: early,
        answer: { status: 200, schema: account },
      },
      async (_, caller) => {
        const person = await known(caller);
        const holdings = (await holdingsOf(services, [person._id])).get(person._id) ?? [];
        const given = await store.grants.find({ deputyOf: { $in: holdings.map(({ id }) => id) } }).lean();
        const standIns = await holdingsOf(services, [...new Set(given.map((grant) => grant.person))]);
        const deputies = given.flatMap((grant) =>
          (standIns.get(grant.person) ?? [])
            .filter(({ id }) => id === grant._id)
            .map((one) => ({ ...one, person: grant.person })),
        );
        const names = new Map(
          (
            await namesOf(
              store,
              deputies.map((one) => one.person),
            )
          ).map((one) => [one.id, one.displayName]),
        );
        const units = await unitNames(store, [...holdings, ...deputies]);
        return {
          name: person.name,
          displayName: person.displayName,
          ...(person.address !== undefined && { address: person.address }),
          hasPassword: person.passwordHash !== undefined,
          factor: person.factor !== undefined,
          factorRequired: await isRequired(person),
          recoveryCodesLeft: await recoveryCodesLeft(services, person._id),
          provider: (await store.identities.findOne({ person: person._id }, { _id: 1 }).lean()) !== null,
          holdings: holdings.map((one) => holdingBody(one, units)),
          deputies: deputies.map(({ person: id, ...one }) => ({
            ...holdingBody(one, units),
            person: id,
            displayName: names.get(id) ?? id,
          })),
        };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/password',
        summary: { zh: '修改密码：其他会话即止', en: 'Change the password; every other session ends' },
        needs: early,
        body: newPassword,
        answer: { status: 204 },
      },
      async ({ body: { password, proof }, request }, caller) =>
        goOn(request, await proving(caller, (actor) => changePassword(services, actor, password, proof))),
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/address',
        summary: { zh: '修改邮箱', en: 'Change the address' },
        needs: any,
        body: newAddress,
        answer: { status: 204 },
      },
      async ({ body: { address, proof }, request }, caller) =>
        goOn(request, await proving(caller, (actor) => changeAddress(services, actor, address, proof))),
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/factor',
        summary: { zh: '开始启用或更换动态口令', en: 'Begin to set up or renew the second step' },
        needs: early,
        body: proofOnly,
        answer: { status: 200, schema: factorBegun },
      },
      async ({ body: { proof }, request }, caller) => {
        const actor = own(caller);
        const entry = { act: 'account.factor-begin', who: actor, on: { person: actor.person } };
        const person = await proving(caller, () => requireProof(services, actor, proof, entry));
        await attempt(store, entry, () => Promise.resolve());
        const secret = newSecret();
        const until = Date.now() + settingUp;
        const sealed = vault.seal(`pending factor ${person._id}`, secret);
        await rise(request, { ...sessionOf(person, request), factor: { sealed, until } });
        const hub = `联发 ${new URL(config.url).host}`;
        return { secret, address: otpauthAddress(secret, person, hub), until: new Date(until).toISOString() };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/factor/confirm',
        summary: { zh: '用一个口令确认启用', en: 'Confirm it by a code' },
        needs: early,
        body: factorConfirm,
        answer: { status: 200, schema: recoveryCodes },
      },
      async ({ body: { code }, request }, caller) => {
        const { factor } = request.session;
        const { person, codes } = await proving(caller, async (actor) => {
          if (!factor || Date.now() > factor.until) throw new LianfaError('factor_pending_over');
          const secret = String(vault.open(`pending factor ${actor.person}`, factor.sealed));
          return confirmFactor(services, actor, secret, code);
        });
        await goOn(request, person);
        return { codes };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/factor/off',
        summary: { zh: '关闭动态口令', en: 'Turn the second step off' },
        needs: any,
        body: proofOnly,
        answer: { status: 204 },
      },
      async ({ body: { proof }, request }, caller) =>
        goOn(request, await proving(caller, (actor) => turnFactorOff(services, actor, proof, isRequired))),
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/recovery-codes',
        summary: { zh: '重新生成恢复码（旧的作废）', en: 'New recovery codes; the old ones are dead' },
        needs: any,
        body: proofOnly,
        answer: { status: 200, schema: recoveryCodes },
      },
      async ({ body: { proof }, request }, caller) => {
        const codes = await proving(caller, (actor) => renewRecoveryCodes(services, actor, proof));
        await goOn(request, await known(caller));
        return { codes };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/account/sessions',
        summary: { zh: '我的会话', en: 'My open sessions' },
        needs: any,
        answer: { status: 200, schema: z.array(ownSession) },
      },
      async ({ request }, caller) => {
        const { rights } = await known(caller);
        const present = shownId(request.sessionID ?? '');
        return (await sessions.openOf(caller._id))
          .filter(({ data }) => data.rights === rights)
          .map(({ id, data, seen }) => ({
            id,
            present: id === present,
            agent: data.begun?.agent ?? '',
            ip: data.begun?.ip ?? '',
            since: new Date(data.begun?.at ?? 0).toISOString(),
            seen: seen.toISOString(),
          }));
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/account/sessions/:id',
        summary: { zh: '结束一个会话', en: 'End a session of mine' },
        needs: any,
        params,
        answer: { status: 204 },
      },
      async ({ params: { id } }, caller) => {
        const who = own(caller);
        const entry = { act: 'session.revoke', who, on: { person: who.person } };
        await attempt(store, entry, async () => {
          if (!(await sessions.end(who.person, id))) throw new LianfaError('not_found', { what: id });
        });
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/account/log',
        summary: { zh: '我的登录和账户变更记录', en: 'My sign-ins and changes of my account' },
        needs: any,
        answer: { status: 200, schema: z.array(ownAct) },
      },
      async (_, { _id }) => {
        const acts = { person: _id, act: { $in: ownActs } };
        const rows = await store.auditEntries.find(acts).sort({ n: -1 }).limit(30).lean();
        return rows.map(({ at, act, outcome, body }) => {
          const { code, from } = JSON.parse(body) as EntryBody;
          return { at: at.toISOString(), act, outcome, ...(code !== undefined && { code }), ...from };
        });
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/account/keys',
        summary: { zh: '我的接口密钥', en: 'My API keys' },
        needs: any,
        answer: { status: 200, schema: z.array(ownKey) },
      },
      async (_, { _id }) => {
        const rows = await store.apiKeys
          .find({ createdBy: _id, revokedAt: { $exists: false } })
          .sort({ _id: 1 })
          .lean();
        return rows.map(({ _id: id, name, createdAt, expiresAt, permissions, organization }) => ({
          id,
          name,
          createdAt: createdAt.toISOString(),
          ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
          ...(permissions && { permissions }),
          ...(organization !== undefined && { organization }),
        }));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/keys',
        summary: { zh: '新建接口密钥（只显示一次）', en: 'Make an API key, shown once' },
        needs: any,
        body: newKey,
        answer: { status: 201, schema: keyMade },
      },
      async ({ body: { proof, ...wish }, request }, caller) => {
        const key = await proving(caller, (actor) => makeKey(services, actor, wish, proof));
        await goOn(request, await known(caller));
        return { key };
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/account/keys/:id',
        summary: { zh: '吊销接口密钥', en: 'Revoke a key of mine' },
        needs: any,
        params,
        answer: { status: 204 },
      },
      async ({ params: { id } }, caller) => revokeKey(services, own(caller), id),
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/deputies',
        summary: { zh: '委托代理人', en: 'Let somebody stand in for me' },
        needs: any,
        body: newDeputy,
        answer: { status: 201, schema: account.shape.deputies.element.pick({ id: true }) },
      },
      async ({ body }, caller) => {
        const grant = await giveDeputy(services, own(caller), body);
        return { id: grant._id };
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/account/deputies/:id',
        summary: { zh: '结束代理', en: 'End a deputy of mine' },
        needs: any,
        params,
        answer: { status: 204 },
      },
      async ({ params: { id } }, caller) => endDeputy(services, own(caller), id),
    ),
  ];
}
