/** The first hour: what an empty hub lacks until its first release is out, and who may see to it. */
import { firstSteps, stepNames } from './contract/first-steps.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';
import type { Permission } from '../core/model/roles.js';

const takes: Readonly<Record<(typeof stepNames)[number], Permission>> = {
  units: 'units.manage',
  people: 'people.manage',
  accounts: 'accounts.manage',
  release: 'releases.write',
};

export function firstStepEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/first-steps',
        summary: { zh: '新系统还缺什么', en: 'What a new hub still lacks' },
        needs: { permission: 'any' },
        answer: { status: 200, schema: firstSteps },
      },
      async (_, { rights }) => {
        const [unit, people, account, release] = await Promise.all([
          store.organizations.exists({}),
          // The first admin alone is nobody to work with.
          store.people.find({}, { _id: 1 }).limit(2).lean(),
          store.accounts.exists({}),
          store.orders.exists({}),
        ]);
        const done = {
          units: unit !== null,
          people: people.length > 1,
          accounts: account !== null,
          release: release !== null,
        };
        return {
          steps: stepNames.map((name) => ({ name, done: done[name], mine: rights.places(takes[name]).length > 0 })),
        };
      },
    ),
  ];
}
