/** `lianfa status ID --watch`: the command screen in a terminal, until nothing moves any more. */
import { setTimeout as pause } from 'node:timers/promises';
import { board, onDuty, type Board, type OnDutyBody } from '../core/command/board.js';
import { isFinal } from '../core/model/states.js';
import { releaseStatus, type ReleaseStatus } from '../core/placements/report.js';
import { CommandFailure, type Client } from './client.js';
import { countOf, endLine, summaryOf, tableOf, titleLine } from './progress.js';
import { out, type OutBody } from '../server/contract/flight.js';
import { outLines } from './flight.js';
import { both } from './say.js';

/** Milliseconds between two looks. */
const interval = 1_000;
/** Causes and places that fit a terminal. */
const mostCauses = 8;
const mostPlaces = 14;
const mostUnits = 6;

interface Look {
  status: ReleaseStatus;
  board: Board;
  out: OutBody;
  duty: OnDutyBody['items'];
}

/**
 * Ends when every placement is final or needs a person, and no order is under way. With `json` a line for each change.
 * @throws CommandFailure not_well where one failed or needs a person; what the server refuses with
 */
export async function watchScreen(client: Client, id: string, json: boolean): Promise<void> {
  const path = `/releases/${encodeURIComponent(id)}`;
  let before = '';
  for (;;) {
    const status = await client.call(releaseStatus, 'GET', `${path}/status`);
    const shown = await client.call(board, 'GET', `${path}/board`);
    const where = await client.call(out, 'GET', `${path}/out`);
    const waits = shown.unconfirmed.length > 0;
    const duty = waits ? (await client.call(onDuty, 'GET', `${path}/on-duty`)).items : [];
    const look = { status, board: shown, out: where, duty };
    const now = JSON.stringify(changeOf(look));
    if (now !== before) process.stdout.write(json ? `${now}\n` : screenOf(id, look, before !== ''));
    before = now;
    if (isSettled(look.status)) return requireWell(look.status);
    await pause(interval);
  }
}

/** What counts as a change: not that time goes by. */
function changeOf({ status, board: { causes, answers, clocks }, out: { counts: where, older, paused } }: Look): object {
  const { release, title, exercise, ended, counts, total, toCome, finished } = status;
  const told = causes.map(({ why, channel, state, count, cause, code }) => ({
    why,
    channel,
    state,
    count,
    cause,
    code,
  }));
  const { deadline } = clocks;
  const holding = paused.map(({ id }) => id);
  return {
    release,
    title,
    exercise,
    ended,
    total,
    toCome,
    finished,
    counts,
    where,
    older,
    paused: holding,
    deadline,
    causes: told,
    answers,
  };
}

function isSettled(status: ReleaseStatus): boolean {
  const settled = countOf(status, (state) => isFinal(state) || state === 'needs_action');
  const { orders } = status;
  return (
    orders.length > 0 &&
    settled === status.total &&
    orders.every(({ state }) => !['running', 'planned'].includes(state))
  );
}

/** @throws CommandFailure not_well */
function requireWell(status: ReleaseStatus): void {
  const bad = countOf(status, (state) => state === 'failed' || state === 'needs_action');
  const held = status.orders.filter(({ state }) => state === 'held' || state === 'refused').length;
  if (bad === 0 && held === 0 && status.finished) return;
  throw new CommandFailure({
    code: 'not_well',
    message: {
      zh: `${bad} 个账号失败或需人工处理，${held} 道发布令被搁置或拒绝。`,
      en: `${bad} accounts failed or need a person, ${held} orders are held or refused.`,
    },
    todo: { zh: '原因见上；处理后可重新查看。', en: 'The causes stand above; see to them and look again.' },
  });
}

function screenOf(
  id: string,
  { status, board: { at, causes, pace, answers, clocks, messages, unconfirmed }, out: where, duty }: Look,
  again: boolean,
): string {
  const verified = countOf(status, (state) => state === 'verified');
  const last = Object.values(pace.steps.at(-1) ?? {}).reduce((sum, count) => sum + count, 0);
  const lines = [
    titleLine(id, status),
    `${both({ zh: '已核验', en: 'verified' })} ${verified}/${status.total + status.toCome}  ${at}`,
    ...clockLines(clocks),
    ...outLines(where).slice(0, mostPlaces),
    summaryOf(status),
    tableOf(status),
    both({ zh: `最近 ${pace.every} 秒：${last} 个`, en: `latest ${pace.every} s: ${last}` }),
    ...answers.map(({ channel, p50Ms, p95Ms }) => `  ${channel.padEnd(10)} p50 ${p50Ms} ms · p95 ${p95Ms} ms`),
    ...causes.slice(0, mostCauses).map(causeLine),
    ...unconfirmed.slice(0, mostUnits).map((unit) => unitLine(unit, duty)),
    ...(unconfirmed.length > mostUnits
      ? [
          both({
            zh: `……共 ${unconfirmed.length} 个单位未确认`,
            en: `… ${unconfirmed.length} units have not confirmed`,
          }),
        ]
      : []),
    ...messages.map(messageLine),
    ...(causes.length > mostCauses ? [both({ zh: `……共 ${causes.length} 组`, en: `… ${causes.length} groups` })] : []),
  ];
  // On a terminal it stays in its place; in a file one screen follows the other.
  const clear = again && process.stdout.isTTY ? '\u001B[H\u001B[2J' : '';
  return `${clear}${lines.join('\n')}\n`;
}

/** Hours within which the law wants this and that, from the event on: see docs/command-screen.md. */
const statutory = [5, 24, 48];

/** Since the first signature; to the deadline that was signed, and to the hours of the law; afterwards, since when each is over. */
function clockLines({ signedAt, deadline, knownAt }: Board['clocks']): string[] {
  const since = signedAt === undefined ? undefined : lengthTo(signedAt);
  const hours = statutory.flatMap((length) =>
    knownAt === undefined
      ? []
      : [untilLine(`${length} 小时`, `${length} h`, new Date(Date.parse(knownAt) + length * 3_600_000).toISOString())],
  );
  return [
    ...(since === undefined ? [] : [both({ zh: `首次签发已过 ${since}`, en: `${since} since the first signature` })]),
    ...(deadline === undefined ? [] : [untilLine('期限', 'the deadline', deadline)]),
    ...(hours.length > 0 ? [hours.join(' · ')] : []),
  ];
}

function untilLine(zh: string, en: string, until: string): string {
  const length = lengthTo(until);
  return both(
    Date.parse(until) >= Date.now()
      ? { zh: `距${zh} ${length}`, en: `${length} to ${en}` }
      : { zh: `已过${zh} ${length}`, en: `${length} past ${en}` },
  );
}

/** `1:04:09`; minutes and seconds alone under an hour. */
function lengthTo(instant: string): string {
  const seconds = Math.abs(Math.round((Date.parse(instant) - Date.now()) / 1_000));
  const two = (number: number): string => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A unit that has not confirmed, and whom to telephone. */
function unitLine({ organization, name, count }: Board['unconfirmed'][number], duty: OnDutyBody['items']): string {
  const people = duty.find((one) => one.organization === organization)?.people ?? [];
  const numbers = people.map((one) => `${one.name} ${one.phone}`).join('、');
  return `  ? ${name} ${both({ zh: `${count} 个待处理`, en: `${count} waiting` })}  ${numbers}`.trimEnd();
}

const messageNames = {
  Alert: { zh: '发布', en: 'alert' },
  Update: { zh: '更新', en: 'update' },
  Cancel: { zh: '解除', en: 'all-clear' },
} as const;

/** One message of the chain, and how its warning has ended. */
function messageLine({ number, message, title, ended }: Board['messages'][number]): string {
  const name = message ? both(messageNames[message]) : '';
  return `  ${number}. ${name}《${title}》${ended ? `  ${endLine(ended)}` : ''}`;
}

function causeLine({ count, channel, state, cause, code }: Board['causes'][number]): string {
  return `  ✗ ${count} ${channel} ${state} ${code ?? ''} ${cause ? both(cause) : both({ zh: '未说明', en: 'no reason given' })}`;
}
