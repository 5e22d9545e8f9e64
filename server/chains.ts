import type { ChainVersion, SoloKind } from '../core/model/chain.js';
import { isWithin, within, type Organization } from '../core/model/organization.js';
import { occasions } from '../core/model/chain.js';
import { kinds } from '../core/model/release.js';
import { invalid } from '../core/import-given.js';
import { unknownUnit } from '../core/people/standing.js';
import { inForce, isOverruled, newestChains, setChain, standard, unitsOn, versionsOf } from '../core/reviews/chains.js';
import { setSolo, soloDuties } from '../core/reviews/solo.js';
import {
  chain,
  chainOrder,
  chains,
  solo,
  soloOrder,
  unitChains,
  unitChainsQuery,
  type ChainBody,
  type UnitChains,
} from './contract/chains.js';
import { endpoint, unitFor, type Caller, type Endpoint } from './endpoint.js';
import { forbidden } from '../core/people/forbidden.js';
import type { Services } from './services.js';

/** Units whose chains are told in one answer. */
const mostUnits = 5_000;

export function chainEndpoints({ store, vault }: Pick<Services, 'store' | 'vault'>): Endpoint[] {
  const means = { store, vault };

  /** Paths of the units that the caller sees, and of those above that they inherit from. */
  async function unitsSeen({ rights }: Caller): Promise<Map<string, string>> {
    const places = rights.places('chains.read');
    const rows = await store.organizations
      .find(within<Organization>(places), { path: 1 })
      .sort({ _id: 1 })
      .limit(mostUnits)
      .lean();
    const above = await store.organizations.find({ _id: { $in: places.flatMap(unitsOn) } }, { path: 1 }).lean();
    return new Map([['', ''], ...[...rows, ...above].map(({ _id, path }): [string, string] => [_id, path])]);
  }

  /** A unit that the caller sees, or inherits from. @throws LianfaError field_invalid */
  async function unitSeen(id: string, { rights }: Caller): Promise<Pick<Organization, '_id' | 'name' | 'path'>> {
    const unit = await store.organizations.findById(id, { name: 1, path: 1 }).lean();
    const inherits = rights.places('chains.read').some((place) => unitsOn(place).includes(id));
    if (!unit || !(inherits || rights.may('chains.read', unit.path))) throw invalid('organization', unknownUnit);
    return unit;
  }

  async function ofUnit(id: string, caller: Caller): Promise<UnitChains> {
    const unit = id === '' ? undefined : await unitSeen(id, caller);
    const path = unit?.path ?? '';
    const line = unitsOn(path);
    const rows = await newestChains(means, line);
    const duties = await soloDuties(means, line);
    const named = await store.organizations.find({ _id: { $in: line } }, { name: 1 }).lean();
    const names = new Map(named.map(({ _id, name }) => [_id, name]));
    const nameOf = (of: string) => (of === '' ? {} : { unitName: names.get(of) ?? of });
    return {
      unit: id,
      ...(unit && { unitName: unit.name }),
      mayManage: caller.rights.may('chains.manage', path),
      inForce: kinds.flatMap((kind) =>
        occasions.map((occasion) => {
          const now = inForce(rows, path, kind, occasion);
          const from = now.id === standard.id ? 'nobody' : now.unit === id ? 'own' : 'above';
          return { kind, occasion, steps: now.steps, version: now.version, from, ...nameOf(now.unit) } as const;
        }),
      ),
      own: rows
        .filter((row) => row.unit === id && row.steps.length > 0)
        .map((row) => bodyOf(row, isOverruled(rows, row, path))),
      versions: (await versionsOf(means, id)).map((row) => bodyOf(row)),
      solo: duties
        .filter(({ persons }) => persons.length > 0)
        .map(({ unit: of, persons, by, at }) => ({
          ...{ unit: of, persons, by, own: of === id },
          at: at.toISOString(),
          ...nameOf(of),
        })),
    };
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/chains/unit',
        summary: {
          zh: '一个单位现行的审签流程、来自哪里、历史版本',
          en: 'The chains in force for a unit, where they come from, and their versions',
        },
        needs: { permission: 'chains.read', over: 'places' },
        query: unitChainsQuery,
        answer: { status: 200, schema: unitChains },
      },
      ({ query: { organization = '' } }, caller) => ofUnit(organization, caller),
    ),
    endpoint(
      {
        method: 'get',
        path: '/chains',
        summary: { zh: '审签流程', en: 'The chains of review' },
        needs: { permission: 'chains.read', over: 'places' },
        answer: { status: 200, schema: chains },
      },
      async (_, caller) => {
        const units = await unitsSeen(caller);
        const rows = await newestChains(means, [...units.keys()]);
        const told = async (kind: SoloKind) =>
          (await soloDuties(means, [...units.keys()], undefined, kind))
            .filter(({ persons }) => persons.length > 0)
            .map(({ unit, persons, by, at }) => ({ unit, persons, by, at: at.toISOString() }));
        return {
          standard: standard.steps,
          items: rows
            .filter(({ steps }) => steps.length > 0)
            .map((row) => bodyOf(row, isOverruled(rows, row, units.get(row.unit) ?? ''))),
          solo: await told('unit'),
          glass: await told('glass'),
        };
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/chains',
        summary: { zh: '设定本单位的审签流程', en: 'Set the chain of a unit' },
        needs: { permission: 'chains.manage', over: 'new' },
        body: chainOrder,
        answer: { status: 200, schema: chain },
      },
      async ({ body: { organization, ...of } }, caller) => {
        const unit = await unitFor(store, caller, 'chains.manage', organization);
        return bodyOf(await setChain(means, { ...of, unit: unit.organization ?? '' }, caller.actor));
      },
    ),
    ...(['unit', 'glass'] as const).map((kind) =>
      endpoint(
        {
          method: 'put',
          path: kind === 'glass' ? '/chains/break-glass' : '/chains/solo',
          summary:
            kind === 'glass'
              ? { zh: '指定可以紧急直发的人员', en: 'Name who may send a broadcast alone' }
              : { zh: '指定单人值守人员', en: 'Name who may write and sign alone' },
          needs: { permission: 'chains.manage', over: 'new' },
          body: soloOrder,
          answer: { status: 200, schema: solo },
        },
        async ({ body: { organization, persons } }, caller) => {
          const unit = await unitFor(store, caller, 'chains.manage', organization);
          const reach = caller.rights.places('chains.manage').find((place) => isWithin(unit.path, place));
          if (reach === undefined) throw forbidden('chains.manage');
          const row = await setSolo(means, { unit: unit.organization ?? '', persons, reach, kind }, caller.actor);
          return { unit: row.unit, persons: row.persons, by: row.by, at: row.at.toISOString() };
        },
      ),
    ),
  ];
}

function bodyOf({ unit, kind, occasion, version, steps, by, at }: ChainVersion, overruled = false): ChainBody {
  return {
    unit,
    ...(kind && { kind }),
    ...(occasion && { occasion }),
    version,
    steps,
    by,
    at: at.toISOString(),
    ...(overruled && { overruled: true }),
  };
}
