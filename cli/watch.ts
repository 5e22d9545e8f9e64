/** `lianfa status ID --watch`: the command screen in a terminal, until nothing moves any more. */
import { setTimeout as pause } from 'node:timers/promises';
import { board, type Board } from '../core/command/board.js';
import { isFinal } from '../core/model/states.js';
import { releaseStatus, type ReleaseStatus } from '../core/placements/report.js';
import { CommandFailure, type Client } from './client.js';
import { countOf, summaryOf, tableOf } from './progress.js';
import { out, type OutBody } from '../server/contract/flight.js';
import { outLines } from './flight.js';
import { both } from './say.js';

/** Milliseconds between two looks. */
const interval = 1_000;
/** Causes and places that fit a terminal. */
const mostCauses = 8;
const mostPlaces = 14;

interface Look {
  status: ReleaseStatus;
  board: Board;
  out: OutBody;
}

/**
 * Ends when every placement is final or needs a person, and no order is under way. With `json` a line for each change.
 * @throws CommandFailure not_well where one failed or needs a person; what the server refuses with
 */
export async function watchScreen(client: Client, id: string, json: boolean): Promise<void> {
  const path = `/releases/${encodeURIComponent(id)}`;
  let before = '';
  for (;;) {
    const look = {
      status: await client.call(releaseStatus, 'GET', `${path}/status`),
      board: await client.call(board, 'GET', `${path}/board`),
      out: await client.call(out, 'GET', `${path}/out`),
    };
    const now = JSON.stringify(changeOf(look));
    if (now !== before) process.stdout.write(json ? `${now}\n` : screenOf(id, look, before !== ''));
    before = now;
    if (isSettled(look.status)) return requireWell(look.status);
    await pause(interval);
  }
}

/** What counts as a change: not that time goes by. */
function changeOf({ status, board: { causes, answers, clocks }, out: { counts: where, older, paused } }: Look): object {
  const { release, counts, total, finished } = status;
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
  return { release, total, finished, counts, where, older, paused: holding, deadline, causes: told, answers };
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
  { status, board: { at, causes, pace, answers, clocks }, out: where }: Look,
  again: boolean,
): string {
  const verified = countOf(status, (state) => state === 'verified');
  const last = Object.values(pace.steps.at(-1) ?? {}).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${id}  ${both({ zh: '已核验', en: 'verified' })} ${verified}/${status.total}  ${at}`,
    ...deadlineLine(clocks.deadline),
    ...outLines(where).slice(0, mostPlaces),
    summaryOf(status),
    tableOf(status),
    both({ zh: `最近 ${pace.every} 秒：${last} 个`, en: `latest ${pace.every} s: ${last}` }),
    ...answers.map(({ channel, p50Ms, p95Ms }) => `  ${channel.padEnd(10)} p50 ${p50Ms} ms · p95 ${p95Ms} ms`),
    ...causes.slice(0, mostCauses).map(causeLine),
    ...(causes.length > mostCauses ? [both({ zh: `……共 ${causes.length} 组`, en: `… ${causes.length} groups` })] : []),
  ];
  // On a terminal it stays in its place; in a file one screen follows the other.
  const clear = again && process.stdout.isTTY ? '\u001B[H\u001B[2J' : '';
  return `${clear}${lines.join('\n')}\n`;
}

/** The clock to the deadline; afterwards, since when it is over. */
function deadlineLine(deadline: string | undefined): string[] {
  if (deadline === undefined) return [];
  const seconds = Math.round((Date.parse(deadline) - Date.now()) / 1_000);
  const length = `${Math.floor(Math.abs(seconds) / 60)}:${String(Math.abs(seconds) % 60).padStart(2, '0')}`;
  return [
    both(
      seconds >= 0
        ? { zh: `距期限 ${length}`, en: `${length} to the deadline` }
        : { zh: `已过期限 ${length}`, en: `${length} past the deadline` },
    ),
  ];
}

function causeLine({ count, channel, state, cause, code }: Board['causes'][number]): string {
  return `  ✗ ${count} ${channel} ${state} ${code ?? ''} ${cause ? both(cause) : both({ zh: '未说明', en: 'no reason given' })}`;
}
