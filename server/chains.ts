import type { ChainVersion, SoloKind } from '../core/model/chain.js';
import { isWithin, within, type Organization } from '../core/model/organization.js';
import { isOverruled, newestChains, setChain, standard, unitsOn } from '../core/reviews/chains.js';
import { setSolo, soloDuties } from '../core/reviews/solo.js';
import { chain, chainOrder, chains, solo, soloOrder, type ChainBody } from './contract/chains.js';
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

  return [
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
