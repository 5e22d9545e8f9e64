/**
 * Watches the accounts' credentials by the clock: hands out the checks that are due, and acts on what they brought.
 * Both stand in the ledger, so whoever checked (the clock, a person, a refused attempt), nothing that follows is lost.
 */
import { beijingDay } from '../../channels/beijing-calendar.js';
import type { Channel, Said } from '../../channels/channel.js';
import type { AccountRow } from '../../core/model/account.js';
import { warnedAhead } from '../../core/accounts/check.js';
import { wantedOf, type Placement } from '../../core/model/placement.js';
import { notify } from '../../core/notices/notices.js';
import type { ClaimBook } from '../../core/queue/claims.js';
import type { Queues } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { queueSteps } from '../hand-outs.js';

export interface CredentialMeans {
  store: Store;
  queues: Queues;
  claims: ClaimBook;
  channels: ReadonlyMap<string, Pick<Channel, 'label'>>;
}

/** Accounts in one job, and jobs that may wait: a hundred thousand due at once are taken in turn, not all at once. */
const inOneJob = 20;
const jobsAtOnce = 10;
/** How long a job is good, ms; a lost one is made anew after that. */
const jobLife = 30 * 60_000;
const settledAtOnce = 100;
/** Placements that came back parked this often are left to a person: the platform calls the credential good and refuses it. */
const mostAttempts = 12;
const day = 24 * 3_600_000;

/** Queues checks that are due at `now`, as many as may wait. Returns how many accounts. */
export async function handOutChecks(
  { store, queues }: Pick<CredentialMeans, 'store' | 'queues'>,
  now: Date,
): Promise<number> {
  const due = () =>
    store.accounts
      .find({ checkDueAt: { $lte: now } }, { enabled: 1 })
      .sort({ checkDueAt: 1 })
      .limit(inOneJob)
      .lean();
  let rows = await due();
  if (rows.length === 0) return 0;
  let taken = 0;
  for (let room = jobsAtOnce - ((await queues.depths()).get('check') ?? 0); room > 0 && rows.length > 0; room -= 1) {
    // Whoever moves it first has it: another clock finds it no longer due. No two jobs share an instant.
    const until = new Date(now.getTime() + jobLife + Math.floor(Math.random() * 60_000));
    await store.accounts.updateMany(
      { _id: { $in: rows.map((row) => row._id) }, checkDueAt: { $lte: now } },
      { $set: { checkDueAt: until } },
    );
    const accounts = rows.filter((row) => row.enabled).map((row) => row._id);
    if (accounts.length > 0) await queues.addCheck({ accounts, until });
    taken += accounts.length;
    rows = await due();
  }
  return taken;
}

/** Acts on what is new about credentials, oldest first. Doing it twice changes nothing. Returns how many accounts. */
export async function settleCredentials(means: CredentialMeans, now: Date): Promise<number> {
  const rows = await means.store.accounts
    .find({ settleAt: { $lte: now } })
    .sort({ settleAt: 1 })
    .limit(settledAtOnce)
    .lean();
  for (const row of rows) {
    const told = await settle(row, means, now);
    await means.store.accounts.updateOne(
      { _id: row._id, settleAt: row.settleAt ?? now },
      { $set: { told }, $unset: { settleAt: 1 } },
    );
  }
  return rows.length;
}

async function settle(row: AccountRow, means: CredentialMeans, now: Date): Promise<NonNullable<AccountRow['told']>> {
  const {
    credential: { state },
    told,
  } = row;
  switch (state) {
    case 'unchecked':
      return told ?? { state };
    case 'dead':
      // What waits for a time of its own is handed out now: that parks it, as it parks whatever is queued anyway.
      await queueSteps(
        means.queues,
        await means.store.placements.find({ account: row._id, state: 'waiting' }).lean(),
        await means.queues.run(),
      );
      if (told?.state !== 'dead') await notify(means.store, deadNotice(row, nameOf(row, means)), now);
      return { ...told, state };
    case 'ok': {
      const released = await release(row, means, now);
      if (told?.state === 'dead')
        await notify(
          means.store,
          { ...noticeOf(row, 'works'), level: 'good', said: worksAgain(nameOf(row, means), released) },
          now,
        );
      return { state, ...(await warnOfEnd(row, means, now)) };
    }
  }
}

/** Hands out again what lay parked for the credential, and only that. */
async function release(row: AccountRow, { store, claims }: CredentialMeans, now: Date): Promise<number> {
  const lying: Placement[] = await store.placements.find({ account: row._id, state: 'needs_action' }).lean();
  const parked = lying.filter((placement) => placement.parked === true && placement.attempts < mostAttempts);
  const cause = { zh: '账号凭据已恢复，继续发送。', en: 'The credential works again; it goes on.' };
  await claims.tell(
    parked.map((placement) => ({
      placement: placement._id,
      event: {
        id: `${placement._id}-r${placement.version}`,
        is: 'retry',
        at: now,
        by: 'clock',
        seq: wantedOf(placement).seq,
        cause,
      },
    })),
  );
  return parked.length;
}

/** Warns once at each threshold. A later end than the one warned of is a renewed credential, which starts anew. */
async function warnOfEnd(
  row: AccountRow,
  means: CredentialMeans,
  now: Date,
): Promise<{ expiresAt?: Date; warned?: number }> {
  const {
    credential: { checkedAt, daysLeft },
    told,
  } = row;
  if (daysLeft === undefined || !checkedAt) return {};
  const end = checkedAt.getTime() + daysLeft * day;
  const toldEnd = told?.expiresAt && Math.abs(told.expiresAt.getTime() - end) < day / 2 ? told.expiresAt : undefined;
  const expiresAt = toldEnd ?? new Date(end);
  const before = toldEnd && told?.warned;
  const ahead = warnedAhead.filter((days) => daysLeft <= days).at(-1);
  if (ahead === undefined || (before !== undefined && before <= ahead))
    return { expiresAt, ...(before !== undefined && { warned: before }) };
  const name = nameOf(row, means);
  await notify(
    means.store,
    {
      ...noticeOf(row, `ends ${ahead} ${expiresAt.getTime()}`),
      level: ahead <= 3 ? 'urgent' : 'warning',
      said: {
        zh: `${name.zh}的凭据还有 ${Math.max(1, Math.ceil(daysLeft))} 天到期（${beijingDay(expiresAt)}）。`,
        en: `The credential of ${name.en} ends in ${Math.max(1, Math.ceil(daysLeft))} days (${beijingDay(expiresAt)}).`,
      },
      todo: {
        zh: '请在“账号”页重新授权；到期后该账号的投递会停下等待。',
        en: 'Authorise it again under Accounts; once it has ended, deliveries to it stop and wait.',
      },
    },
    now,
  );
  return { expiresAt, warned: ahead };
}

function deadNotice(row: AccountRow, name: Said) {
  const { cause, todo } = row.credential;
  return {
    ...noticeOf(row, 'dead'),
    level: 'urgent' as const,
    said: {
      zh: `${name.zh}的凭据已失效：${cause?.zh ?? ''}`,
      en: `The credential of ${name.en} is dead: ${cause?.en ?? ''}`,
    },
    todo: {
      zh: `${todo?.zh ?? '请重新授权该账号。'}在此之前，发往该账号的投递停在“需人工处理”，凭据恢复后自动继续。`,
      en: `${todo?.en ?? 'Authorise the account again.'} Until then deliveries to it lie under “needs a person”, and go on by themselves afterwards.`,
    },
  };
}

function worksAgain(name: Said, released: number): Said {
  return {
    zh: `${name.zh}的凭据已恢复${released > 0 ? `，停下的 ${released} 次投递继续发送` : ''}。`,
    en: `The credential of ${name.en} works again${released > 0 ? `; ${released} parked deliveries go on` : ''}.`,
  };
}

/** The instant of this news is part of the key: acted on twice after a crash, it is told once. */
function noticeOf(row: AccountRow, what: string) {
  const news = what.startsWith('ends') ? '' : ` ${row.settleAt?.getTime() ?? 0}`;
  return { account: row._id, key: `credential ${row._id} ${what}${news}` };
}

function nameOf(row: AccountRow, { channels }: CredentialMeans): Said {
  const label = channels.get(row.channel)?.label ?? { zh: row.channel, en: row.channel };
  return { zh: `${label.zh}账号“${row.name}”`, en: `the ${label.en} account “${row.name}”` };
}
