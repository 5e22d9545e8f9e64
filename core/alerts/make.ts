/** The draft itself: a new release, or the next revision of those that the alert follows. Done twice it is done once. */
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import type { AlertOutcome, AlertRemark, AlertRow } from '../model/alert.js';
import { composeContent } from '../releases/compose.js';
import { createRelease, updateRelease } from '../releases/revisions.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { beside } from '../threads/pool.js';
import type { Alert } from './alert.js';
import type { Before, Draft } from './draft.js';
import { tasks } from './tasks.js';

type Made = { outcome: AlertOutcome; remarks: AlertRemark[] };

/** @throws what is no fault of the alert */
export async function makeOf(store: Store, row: AlertRow, alert: Alert, by: Actor): Promise<Made> {
  try {
    const { outcome } = row;
    const follows = outcome.is === 'taking' ? outcome.releases : [];
    if (follows.length === 0) return await newRelease(store, row, alert, by);
    const remarks: AlertRemark[] = [];
    for (const release of follows) remarks.push(...(await nextRevision(store, row, alert, release, by)));
    return { outcome: { is: 'revised', releases: follows }, remarks: distinct(remarks) };
  } catch (error) {
    if (!(error instanceof LianfaError)) throw error;
    return { outcome: { is: 'not_drafted', why: error.toJSON().message }, remarks: [] };
  }
}

async function newRelease(store: Store, row: AlertRow, alert: Alert, by: Actor): Promise<Made> {
  const { input, remarks } = await drafted(row, { alert, source: await nameOf(store, row), before: undefined });
  const { content } = await composeContent(store, input);
  const { organization, path, origin } = row;
  const unit = { path, ...(organization !== undefined && { organization }) };
  try {
    const { release } = await createRelease(store, content, { by, unit, document: origin.name, alert: row._id });
    return { outcome: { is: 'drafted', release: release._id }, remarks };
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const made = await store.releases.findOne({ alert: row._id }, { _id: 1 }).lean();
    if (!made) throw error;
    return { outcome: { is: 'drafted', release: made._id }, remarks };
  }
}

const tries = 5;

/** Somebody may be writing at the same time: then theirs is the one that this follows. */
async function nextRevision(
  store: Store,
  row: AlertRow,
  alert: Alert,
  release: string,
  by: Actor,
): Promise<AlertRemark[]> {
  const source = await nameOf(store, row);
  for (let left = tries; ; left -= 1) {
    const revisions = await store.revisions.find({ release }).sort({ number: -1 }).lean();
    const [newest] = revisions;
    if (!newest) throw new LianfaError('not_found', { what: release });
    const signed = revisions.some((one) => one.signed && one.emergency);
    const before = { emergency: newest.emergency, signed };
    const { input, remarks } = await drafted(row, { alert, source, before });
    if (revisions.some((one) => one.alert === row._id)) return remarks;
    const edited: AlertRemark = {
      is: 'flag',
      said: {
        zh: '上一版有人改过，这一版按来文重新生成，没有沿用那些改动；上一版仍可查看。',
        en: 'The version before was edited by a person; this one is made of the alert alone. The one before can still be read.',
      },
    };
    try {
      const { content } = await composeContent(store, input, undefined, { release });
      await updateRelease(store, release, newest._id, content, { by, alert: row._id });
      return newest.alert === undefined ? [edited, ...remarks] : remarks;
    } catch (error) {
      const stale = error instanceof LianfaError && error.code === 'revision_stale';
      if (left <= 1 || !(stale || isDuplicate(error))) throw error;
    }
  }
}

function drafted(
  { bytes }: AlertRow,
  asked: { alert: Alert; source: string; before: Before | undefined },
): Promise<Draft> {
  return beside(tasks.draft, asked, bytes);
}

async function nameOf(store: Store, { source, sender = '' }: AlertRow): Promise<string> {
  const known = source === undefined ? null : await store.alertSources.findById(source, { name: 1 }).lean();
  return known?.name ?? sender;
}

function distinct(remarks: readonly AlertRemark[]): AlertRemark[] {
  return [...new Map(remarks.map((remark) => [remark.said.zh, remark])).values()];
}
