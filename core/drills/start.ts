/** Begins a drill: the draft of an exercise with an identity of its own, and its entry in the library. From there it takes the path of every broadcast. */
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import type { Drill, DrillScenario } from '../model/drill.js';
import { isWithin } from '../model/organization.js';
import { composeContent } from '../releases/compose.js';
import { releaseInput } from '../releases/input.js';
import { createRelease } from '../releases/revisions.js';
import type { Store } from '../store/store.js';
import { openScenario } from './scenarios.js';

/** How long the warning of a drill says that it holds, ms. */
const length = 2 * 3_600_000;

/** @throws LianfaError not_found where the scenario is none of the unit's or of those above it */
export async function startDrill(
  store: Store,
  id: string,
  unit: { organization?: string; path: string },
  by: Actor,
  now = new Date(),
): Promise<Drill> {
  const scenario = await openScenario(store, id);
  if (!isWithin(unit.path, scenario.path)) throw new LianfaError('not_found', { what: id });
  const { content } = await composeContent(store, await inputOf(store, scenario, unit.organization, now));
  const { release } = await createRelease(store, content, { by, unit, now });
  const { title, injects, audience } = scenario;
  const drill: Drill = {
    _id: newId('q', now.getTime()),
    ...{ scenario: id, title, injects, audience, ...unit, release: release._id, by: by.person, at: now },
    findings: [],
    owners: [],
    version: 1,
  };
  const entry = { act: 'drill.start', outcome: 'done' as const, who: by, unit: unit.organization };
  await act(store, { ...entry, on: { drill: drill._id, scenario: id, release: release._id } }, async (session) => {
    await store.drills.create([drill], { session });
  });
  return drill;
}

async function inputOf(store: Store, scenario: DrillScenario, organization: string | undefined, now: Date) {
  const unit = organization === undefined ? null : await store.organizations.findById(organization).lean();
  const { title, text, event, level, instruction } = scenario;
  return releaseInput.parse({
    title,
    kind: 'emergency',
    source: unit?.name ?? '演练',
    body: { format: 'text', content: text },
    emergency: {
      status: 'Exercise',
      msgType: 'Alert',
      ...{ level, event, instruction },
      areas: [unit ? { code: unit.region, name: unit.name } : { name: '演练区域' }],
      onset: now.toISOString(),
      expires: new Date(now.getTime() + length).toISOString(),
      note: `${title} ${now.toISOString().slice(0, 10)}`,
    },
  });
}
