import { beijingStamp } from '../channels/beijing-calendar.js';
import { grantsToConfirm } from '../core/people/grants-asked.js';
import { identitiesWaiting } from '../core/people/identities-asked.js';
import { namesOf } from '../core/people/register.js';
import { tasksOf, mostShown } from '../core/reviews/tasks.js';
import { tasks, type TasksBody } from './contract/reviews.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import { unitNames } from './people.js';
import { toSettle } from '../core/drills/held.js';
import { overdueOf } from '../core/drills/overdue.js';
import { overdueBody } from './drill-body.js';
import { calledTo } from '../core/callouts/list.js';
import { calloutBody } from './callout-body.js';
import { drillsAmong } from '../core/releases/drills-among.js';
import { rowBodies } from './review-body.js';
import type { Services } from './services.js';

export function taskEndpoints({ store, vault }: Pick<Services, 'store' | 'vault'>): Endpoint[] {
  /** What waits for an admin: roles for a second one, identities for one of the hub as a whole. */
  async function toConfirm({ _id, rights }: Caller): Promise<Pick<TasksBody, 'grants' | 'identities'>> {
    const grants = await grantsToConfirm({ store, vault }, { person: _id, rights });
    const people = await namesOf(
      store,
      grants.map(({ person }) => person),
    );
    const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
    const units = await unitNames(store, grants);
    const identities = rights.may('people.manage', '') ? await identitiesWaiting({ store, vault }) : [];
    return {
      grants: grants.map(({ _id: id, person, role, organization, by, at }) => ({
        ...{ id, person, role, by },
        displayName: names.get(person) ?? person,
        ...(organization !== undefined && { organizationName: units.get(organization) ?? organization }),
        at: at.toISOString(),
      })),
      identities: identities.map(({ _id: id, issuer, name, number, at }) => ({
        ...{ id, issuer, name, number },
        at: at.toISOString(),
      })),
    };
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/tasks',
        summary: { zh: '我的待办', en: 'What waits for the caller, and what of theirs is under way' },
        needs: { permission: 'any' },
        answer: { status: 200, schema: tasks },
      },
      async (_, caller) => {
        const { _id, rights } = caller;
        const { grants, identities } = await toConfirm(caller);
        const { reviews, returned, stuck, placements, held, mine, glass } = await tasksOf(
          { store, vault },
          { person: _id, rights },
        );
        const called = await calledTo(store, _id);
        const drills = await overdueOf(store, { person: _id, places: rights.places('drills.manage') });
        const findings = await findingsFor(store, _id);
        const accounts = await store.accounts
          .find({ _id: { $in: placements.map(({ row }) => row.account) } }, { name: 1 })
          .lean();
        const drilling = await drillsAmong(
          store,
          [...placements, ...held].map(({ release }) => release),
        );
        const drillMark = ({ revision }: { revision: string }) =>
          drilling.has(revision) ? { drill: true as const } : {};
        const names = new Map(accounts.map((account) => [account._id, account.name]));
        return {
          reviews: await rowBodies({ store }, reviews.slice(0, mostShown)),
          returned: await rowBodies({ store }, returned.slice(0, mostShown)),
          stuck: await rowBodies({ store }, stuck.slice(0, mostShown)),
          mine: await rowBodies({ store }, mine.slice(0, mostShown)),
          glass: await rowBodies({ store }, glass.slice(0, mostShown)),
          placements: placements.map(({ row, release }) => ({
            placement: row._id,
            release: release._id,
            title: release.title,
            ...drillMark(release),
            account: names.get(row.account) ?? row.account,
            channel: row.channel,
            since: row.since.toISOString(),
          })),
          held: held.map(({ row, release }) => ({
            order: row._id,
            release: release._id,
            title: release.title,
            ...drillMark(release),
            ...(row.notBefore && { notBefore: beijingStamp(row.notBefore) }),
          })),
          grants,
          identities,
          called: called.slice(0, mostShown).map((row) => calloutBody(row, rights)),
          drills: await overdueBody(store, drills.slice(0, mostShown)),
          findings: findings.slice(0, mostShown),
          counts: {
            drills: drills.length,
            findings: findings.length,
            grants: grants.length,
            identities: identities.length,
            called: called.length,
            reviews: reviews.length,
            returned: returned.length,
            stuck: stuck.length,
            placements: placements.length,
            held: held.length,
            mine: mine.length,
            glass: glass.length,
          },
        };
      },
    ),
  ];
}

/** What drills have shown and the person has not seen to yet; what is due first, first. */
async function findingsFor(store: Services['store'], person: string): Promise<TasksBody['findings']> {
  const drills = await toSettle(store, person);
  return drills
    .flatMap(({ _id: drill, title, findings }) =>
      findings.flatMap(({ text, due, owner, done }) =>
        owner === person && !done ? [{ drill, title, text, due }] : [],
      ),
    )
    .sort((one, other) => (one.due < other.due ? -1 : 1));
}
