/**
 * The one door for alerts from outside (来文), whatever road they come by: reads, decides, makes the draft, and keeps the
 * bytes with a stated outcome. What is decided is decided in one line with all other acts, so that of two takers of one
 * message one makes the draft and the other hears of it; what a crash leaves half done the clock finishes.
 */
import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import type { AlertOutcome, AlertRemark, AlertRow, AlertSource, Origin } from '../model/alert.js';
import { isWithin } from '../model/organization.js';
import { notify } from '../notices/notices.js';
import type { Store } from '../store/store.js';
import { beside } from '../threads/pool.js';
import type { Alert, ReadAlert } from './alert.js';
import { followingOf } from './chain.js';
import { identityOf, linksOf, looksLike } from './earlier.js';
import { makeOf } from './make.js';
import { wordsOf } from './outcomes.js';
import { alertLimit } from './read.js';
import { tasks } from './tasks.js';

export interface Given {
  bytes: Buffer;
  origin: Origin;
  /** Of a message that stands within a larger file: the line there on which it begins. */
  line?: number | undefined;
}

/** Who takes it in: for what unit where the sender is not known, and for which sources. */
export interface Taker {
  actor: Actor;
  unit: { organization?: string; path: string };
  /** Places whose sources they may take alerts of. */
  places: readonly string[];
}

export interface Taken {
  row: AlertRow;
  /** The same message was here before: this is that one. */
  again: boolean;
}

/** @throws LianfaError documents_waiting, document_takes_too_long, audit_unavailable: then nothing was kept, and it may be sent again */
export async function takeIn(
  store: Store,
  { bytes, origin, line }: Given,
  by: Taker,
  now = new Date(),
): Promise<Taken> {
  const read = await beside(tasks.read, { bytes, line }, bytes.length);
  const fresh = rowOf(bytes, origin, read, by, now);
  const taken = await settle(store, { fresh, bytes, read }, by, now);
  return { ...taken, row: await finish(store, taken.row, read, by.actor, now) };
}

/**
 * Takes one up anew that was held: because what held it is gone, or, `anyway`, because a person vouches for it.
 * @throws LianfaError not_found, alert_settled
 */
export async function takeAgain(
  store: Store,
  id: string,
  by: Taker,
  anyway: boolean,
  now = new Date(),
): Promise<AlertRow> {
  const row = await store.alerts.findById(id).lean();
  if (!row) throw new LianfaError('not_found', { what: id });
  if (!wordsOf(row).may) throw new LianfaError('alert_settled');
  const read = await readKept(store, id);
  if (!('alert' in read)) throw new LianfaError('alert_settled');
  const { alert } = read;
  const changed = await act(
    store,
    {
      act: anyway ? 'alert.vouch' : 'alert.take',
      outcome: 'done',
      who: by.actor,
      unit: row.organization,
      on: { alert: id },
      before: row.state,
    },
    async (session) => {
      const held = await store.alerts.findById(id, null, { session }).lean();
      if (!held || held.state !== row.state) throw new LianfaError('alert_settled');
      const decided: Decision = anyway
        ? { outcome: { is: 'taking', releases: [] }, remarks: [] }
        : await decide(store, { ...held }, alert, by, now, session);
      const vouched = anyway ? { by: by.actor.person, at: now, over: held.state } : undefined;
      return write(store, held, alert, { ...decided, ...(vouched && { vouched }) }, session);
    },
  );
  return finish(store, changed, read, by.actor, now);
}

/** Finishes what was decided and, because of a crash, not done. Returns how many. */
export async function finishTaking(store: Store, before: Date): Promise<number> {
  const rows = await store.alerts.find({ state: 'taking' }).limit(100).lean();
  const left = rows.filter(({ lastAt }) => lastAt < before);
  for (const row of left) {
    const actor: Actor = { person: row.by, ...(row.by === row.origin.inlet && { process: true as const }) };
    await finish(store, row, await readKept(store, row._id), actor, new Date());
  }
  return left.length;
}

async function readKept(store: Store, id: string): Promise<ReadAlert> {
  const bytes = await rawOf(store, id);
  return beside(tasks.read, { bytes }, bytes.length);
}

/** The bytes as they came; empty of what was too large to be kept. @throws LianfaError not_found */
export async function rawOf(store: Store, id: string): Promise<Buffer> {
  const raw = await store.alertRaws.findById(id).lean();
  if (!raw) throw new LianfaError('not_found', { what: id });
  return Buffer.from(raw.base64, 'base64');
}

function rowOf(bytes: Buffer, origin: Origin, read: ReadAlert, { actor, unit }: Taker, at: Date): AlertRow {
  const common = {
    _id: newId('b', at.getTime()),
    origin,
    by: actor.person,
    at,
    ...unit,
    bytes: bytes.length,
    hash: createHash('sha256').update(bytes).digest('hex'),
    remarks: [],
    like: [],
    repeats: 0,
    lastAt: at,
  };
  if ('fault' in read) {
    const { element, line, reason } = read.fault;
    return {
      ...common,
      refers: [],
      signatures: 0,
      outcome: { is: 'refused', element, line, why: reason },
      state: 'refused',
    };
  }
  const { alert, encoding, digest } = read;
  const [info] = alert.infos;
  return {
    ...common,
    encoding,
    digest,
    sender: alert.sender.slice(0, 400),
    identifier: alert.identifier.slice(0, 400),
    sent: alert.sent,
    sentAt: new Date(alert.sent),
    status: alert.status,
    msgType: alert.msgType,
    scope: alert.scope,
    ...(info && { event: info.event.slice(0, 200) }),
    ...(info?.headline !== undefined && { headline: info.headline.slice(0, 200) }),
    ...(info?.expires !== undefined && { expires: new Date(info.expires) }),
    refers: alert.references.slice(0, 200).map(identityOf),
    signatures: alert.signatures,
    outcome: { is: 'taking', releases: [] },
    state: 'taking',
  };
}

interface Decision {
  outcome: AlertOutcome;
  remarks: AlertRemark[];
  like?: string[];
  source?: AlertSource;
  vouched?: AlertRow['vouched'];
}

/** Keeps it with its outcome, or counts that it came again. */
async function settle(
  store: Store,
  { fresh, bytes, read }: { fresh: AlertRow; bytes: Buffer; read: ReadAlert },
  by: Taker,
  now: Date,
): Promise<Taken> {
  return act(
    store,
    ({ row, again }: Taken) => ({
      act: 'alert.take',
      outcome: 'done',
      who: by.actor,
      unit: row.organization,
      on: { alert: row._id },
      after: { state: row.state, hash: row.hash, origin: fresh.origin, ...(again && { again }) },
    }),
    async (session) => {
      const earlier = await sameAs(store, fresh, session);
      if (earlier && !isHeld(earlier)) return { row: await countAgain(store, earlier, now, session), again: true };
      if (!earlier) {
        await store.alerts.create([fresh], { session });
        const kept = bytes.length <= alertLimit ? bytes : Buffer.alloc(0);
        await store.alertRaws.create([{ _id: fresh._id, base64: kept.toString('base64') || '=' }], { session });
      }
      const row = earlier ? await countAgain(store, earlier, now, session) : fresh;
      if (!('alert' in read)) return { row, again: earlier !== undefined };
      const decided = await decide(store, row, read.alert, by, now, session);
      return { row: await write(store, row, read.alert, decided, session), again: earlier !== undefined };
    },
  );
}

/** What is held is weighed anew when it comes again: the source may be known by now. */
function isHeld({ state }: AlertRow): boolean {
  return ['unknown_sender', 'unsigned', 'flood', 'waits', 'not_drafted'].includes(state);
}

/** The same message, by what it says; what is no alert by its bytes. */
async function sameAs(store: Store, row: AlertRow, session: ClientSession): Promise<AlertRow | undefined> {
  const { sender, identifier, digest, hash } = row;
  if (sender === undefined || identifier === undefined)
    return (await store.alerts.findOne({ hash }, null, { session }).lean()) ?? undefined;
  const named: AlertRow[] = await store.alerts.find({ sender, identifier }, null, { session }).limit(100).lean();
  return named.find((one) => one.digest === digest);
}

async function countAgain(store: Store, row: AlertRow, now: Date, session: ClientSession): Promise<AlertRow> {
  const change = { repeats: row.repeats + 1, lastAt: now };
  await store.alerts.updateOne({ _id: row._id }, { $set: change }, { session });
  return { ...row, ...change };
}

async function decide(
  store: Store,
  row: AlertRow,
  alert: Alert,
  { places }: Taker,
  now: Date,
  session: ClientSession,
): Promise<Decision> {
  const found = await store.alertSources.findOne({ sender: alert.sender }, null, { session }).lean();
  // Who may not speak for the unit of a source knows nothing of it.
  const source = found?.enabled && places.some((place) => isWithin(found.path, place)) ? found : undefined;
  if (!source) return { outcome: { is: 'unknown_sender' }, remarks: [] };
  const first = await store.alerts.findOne({ identity: identityOf(alert) }, null, { session }).lean();
  if (first && first._id !== row._id) return { source, outcome: { is: 'conflict', first: first._id }, remarks: [] };
  if (source.signed && alert.signatures === 0) return { source, outcome: { is: 'unsigned' }, remarks: [] };
  if (alert.msgType === 'Ack' || alert.msgType === 'Error') return { source, outcome: { is: 'answer' }, remarks: [] };
  if (alert.msgType === 'Alert') {
    const lately = await store.alerts.countDocuments(
      {
        sender: alert.sender,
        at: { $gte: new Date(now.getTime() - 3_600_000) },
        state: { $in: ['taking', 'drafted'] },
      },
      { session, limit: source.hourly + 1 },
    );
    // It is among them itself where it has just been kept.
    if (lately - (row.state === 'taking' ? 1 : 0) >= source.hourly)
      return { source, outcome: { is: 'flood', most: source.hourly }, remarks: [] };
    const like = await looksLike(store, row, session);
    return { source, like, outcome: { is: 'taking', releases: [] }, remarks: [] };
  }
  return { source, ...(await following(store, row, alert, session)) };
}

/** An update or a cancel: what it names is here, or it waits for that. A cancel is never too late for its own expiry. */
async function following(store: Store, row: AlertRow, alert: Alert, session: ClientSession): Promise<Decision> {
  const { links, foreign, other, unknown } = await linksOf(store, alert, session);
  const asking = foreign
    ? { zh: '它要更新或解除的是另一个发送者的预警。', en: 'it updates or cancels a warning of another sender.' }
    : other
      ? {
          zh: '它的性质或范围与所指的那一条不同：演练不能改动真实预警，限定范围的不能并入公开的。',
          en: 'its status or scope is not that of what it names: no exercise changes a real warning, and nothing restricted a public one.',
        }
      : undefined;
  if (asking)
    return { remarks: [], outcome: { is: 'ask', releases: links.map(({ release }) => release), why: asking } };
  if (links.length === 0) return { outcome: { is: 'waits' }, remarks: [] };
  const message = { msgType: alert.msgType, sentAt: new Date(alert.sent), refers: row.refers };
  const verdict = followingOf(message, links);
  if (verdict.is !== 'follow') return { outcome: verdict, remarks: [] };
  const missing = {
    zh: `它还提到 ${unknown} 条没有收到过的来文。`,
    en: `It also names ${unknown} messages that never came.`,
  };
  const remarks = [...verdict.remarks, ...(unknown > 0 ? [missing] : [])];
  return {
    outcome: { is: 'taking', releases: verdict.releases },
    remarks: remarks.map((said) => ({ is: 'flag' as const, said })),
  };
}

/** Names that are taken: of what was accepted, so that a stranger's message never stands in the way of the true one. */
function ownsItsName({ is }: AlertOutcome): boolean {
  return ['taking', 'drafted', 'revised', 'waits', 'late', 'ask', 'answer', 'not_drafted'].includes(is);
}

async function write(
  store: Store,
  row: AlertRow,
  alert: Alert,
  { outcome, remarks, like = [], source, vouched }: Decision,
  session: ClientSession,
): Promise<AlertRow> {
  const owner = await store.alerts.findOne({ identity: identityOf(alert) }, { _id: 1 }, { session }).lean();
  const owns = ownsItsName(outcome) && (owner === null || owner._id === row._id);
  const change = {
    outcome,
    state: outcome.is,
    remarks,
    like,
    ...(owns && { identity: identityOf(alert) }),
    ...(source && {
      source: source._id,
      path: source.path,
      ...(source.organization !== undefined && { organization: source.organization }),
    }),
    ...(vouched && { vouched }),
  };
  await store.alerts.updateOne({ _id: row._id }, { $set: change }, { session });
  return { ...row, ...change };
}

/** Does what was decided, tells who must know, and takes up what waited for it. */
async function finish(store: Store, row: AlertRow, read: ReadAlert, by: Actor, now: Date): Promise<AlertRow> {
  const done = row.state === 'taking' && 'alert' in read ? await make(store, row, read.alert, by) : row;
  await tell(store, done);
  if (done.state === 'drafted' || done.state === 'revised') await takeWaiting(store, done, by, now);
  return done;
}

async function make(store: Store, row: AlertRow, alert: Alert, by: Actor): Promise<AlertRow> {
  const { outcome, remarks } = await makeOf(store, row, alert, by);
  const change = { outcome, state: outcome.is, remarks: [...row.remarks, ...remarks] };
  await store.alerts.updateOne({ _id: row._id, state: 'taking' }, { $set: change });
  return { ...row, ...change };
}

async function tell(store: Store, row: AlertRow): Promise<void> {
  const { notice, said, todo } = wordsOf(row);
  if (notice === undefined) return;
  const name = [row.event, row.headline ?? row.identifier].filter(Boolean).join(' ').slice(0, 80);
  // Of what keeps coming from one stranger, one notice a day is enough.
  const day = row.at.toISOString().slice(0, 10);
  const one = ['unknown_sender', 'unsigned', 'flood', 'refused'].includes(row.state);
  await notify(store, {
    level: notice,
    key: one ? `alert ${row.state} ${row.sender ?? row.by} ${day}` : `alert ${row.state} ${row._id}`,
    path: row.path,
    said: {
      zh: `来文“${name || row.origin.name || row._id}”：${said.zh}`,
      en: `Alert "${name || row.origin.name || row._id}": ${said.en}`,
    },
    todo,
  });
}

/** Updates and cancels that came before what they name, in the order in which they were sent. */
async function takeWaiting(
  store: Store,
  { identity, sender, path, organization }: AlertRow,
  by: Actor,
  now: Date,
): Promise<void> {
  if (identity === undefined || sender === undefined) return;
  const waiting = await store.alerts.find({ state: 'waits', sender }).limit(500).lean();
  const mine = waiting.filter(({ refers }) => refers.includes(identity));
  mine.sort((one, other) => (one.sentAt?.getTime() ?? 0) - (other.sentAt?.getTime() ?? 0));
  const taker = { actor: by, unit: { path, ...(organization !== undefined && { organization }) }, places: [path] };
  for (const { _id } of mine)
    await takeAgain(store, _id, taker, false, now).catch((error: unknown) => {
      if (!(error instanceof LianfaError) || error.code !== 'alert_settled') throw error;
    });
}
