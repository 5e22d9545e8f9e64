/** `lianfa freeze --all --reason …`: nothing in the scope becomes public from then on. `lianfa freeze --list` says what is frozen. */
import type { Command } from 'commander';
import type { Acknowledgement, FreezeProcess } from '../core/freezes/acknowledge.js';
import type { Frozen } from '../core/freezes/desk.js';
import { scopeSaid } from '../core/freezes/frozen.js';
import type { Freeze, FreezeScope } from '../core/model/freeze.js';
import { CommandFailure } from './client.js';
import { commanding } from './commanding.js';
import { both, note, running } from './say.js';

interface Options {
  all?: boolean;
  region?: string;
  organization?: string;
  channel?: string;
  account?: string;
  reason?: string;
  emergencyToo?: boolean;
  list?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('freeze')
    .description('冻结：范围内的内容一律不再公开 Freeze: nothing in the scope becomes public')
    .option('--all', '您所管的全部 everything that you command')
    .option('--region <code>', '地区及下级，GB/T 2260 代码 a region with all below, by its code')
    .option('--organization <id>', '单位及下属单位 a unit with the units below')
    .option('--channel <name>', '渠道 a channel')
    .option('--account <id>', '账号 an account')
    .option('--reason <reason>', '原因（留档）reason, kept on record')
    .option('--emergency-too', '应急信息也一并停发 hold the emergency lane as well')
    .option('--list', '查看冻结与各进程的确认情况 what is frozen, and which process has confirmed')
    .option('--json', '输出 JSON for machines')
    .action((options: Options) => running(options.json, () => freezeOrList(options)));
}

async function freezeOrList(options: Options): Promise<void> {
  if (options.list) {
    await commanding(async (desk) => {
      const [freezes, processes] = [await desk.list(), await desk.processes()];
      if (options.json) print({ freezes, processes });
      else process.stdout.write(`${[...freezes.map(lineOf), ...(processes ?? []).map(processLine)].join('\n')}\n`);
    });
    return;
  }
  const scope = scopeOf(options);
  const { reason = '' } = options;
  if (reason.trim().length < 2) throw asked('--reason', '请用 --reason 写明原因。', 'Say why with --reason.');
  await commanding(async (desk, by) => {
    const done = await desk.freeze({ scope, emergencyToo: options.emergencyToo ?? false, reason: reason.trim() }, by);
    if (options.json) print(done);
    else tell(done);
    // Done only when every process that lives has confirmed, and nothing of before is still out.
    if (!done.acknowledgement?.acknowledged || done.acknowledgement.remaining > 0) process.exitCode = 1;
  });
}

function scopeOf({ all, region, organization, channel, account }: Options): FreezeScope {
  const scopes: FreezeScope[] = [];
  if (all) scopes.push({ kind: 'everything' });
  if (region !== undefined) {
    if (!/^\d{6}$/.test(region)) throw asked('--region', '地区代码是六位数字。', 'A region code has six digits.');
    scopes.push({ kind: 'region', region });
  }
  if (organization !== undefined) scopes.push({ kind: 'organization', organization });
  if (channel !== undefined) scopes.push({ kind: 'channel', channel });
  if (account !== undefined) scopes.push({ kind: 'account', account });
  const [scope] = scopes;
  if (!scope || scopes.length > 1)
    throw asked(
      '--all',
      '请写明一个范围：--all、--region、--organization、--channel 或 --account。',
      'Name one scope: --all, --region, --organization, --channel or --account.',
    );
  return scope;
}

function asked(field: string, zh: string, en: string): CommandFailure {
  return new CommandFailure({
    code: 'field_missing',
    field,
    message: { zh: `没有冻结。${zh}`, en: `Nothing was frozen. ${en}` },
    todo: {
      zh: '改正后重新执行；情况紧急时用 --all。',
      en: 'Correct it and run it again; where it is urgent use --all.',
    },
  });
}

function tell({ freeze, acknowledgement }: Frozen): void {
  process.stdout.write(`${lineOf(freeze)}\n`);
  if (freeze.unwritten)
    note({
      zh: '已生效，尚未入账：账本现在写不进（多半是磁盘满了）。冻结保存在 Redis 里，账本一能写就补记，补记之前不能解冻。请让运维腾出空间；这期间不要清空 Redis。',
      en: 'In force, not yet in the book: the ledger cannot be written now (most often the disk is full). The freeze stands in Redis and is entered as soon as the ledger can be written; until then nobody can thaw it. Have an operator free the disk, and do not empty Redis meanwhile.',
    });
  if (acknowledgement) {
    process.stdout.write(`${both(saidOf(acknowledgement))}\n`);
    for (const one of acknowledgement.processes) process.stdout.write(`${processLine(one)}\n`);
    return;
  }
  if (freeze.unwritten) {
    note({
      zh: '各进程是否已确认暂时查不到，请用 lianfa freeze --list 核对。',
      en: 'Whether the processes have confirmed cannot be told now: check with lianfa freeze --list.',
    });
    return;
  }
  note({
    zh: '已记入账本，但连不上 Redis：没有 Redis 什么都发不出去；恢复后各进程先读账本再发送。请恢复后用 lianfa freeze --list 核对。',
    en: 'It stands in the ledger, but Redis cannot be reached: nothing leaves without it, and whoever comes back to it reads the ledger first. Check with lianfa freeze --list once it is back.',
  });
}

function saidOf({ acknowledged, inFlight, remaining, milliseconds }: Acknowledgement): { zh: string; en: string } {
  const time = (milliseconds / 1_000).toFixed(1);
  const [zh, en] = acknowledged
    ? [`${time} 秒内，各发布进程均已确认`, `Confirmed by every publishing process within ${time} s`]
    : ['有进程尚未确认', 'Some process has not confirmed'];
  return {
    zh: `${zh}；当时在途请求 ${inFlight} 个，仍未结束 ${remaining} 个。`,
    en: `${en}; ${inFlight} requests were in flight then, ${remaining} have not ended yet.`,
  };
}

const states = {
  confirmed: '已确认 confirmed',
  asked: '尚未确认 not yet confirmed',
  silent: '无响应 silent',
} as const;

function processLine({ name, host, pid, state, confirmedAt, inFlight, remaining }: FreezeProcess): string {
  return `  ${name} @ ${host}:${pid} ${states[state]} ${confirmedAt} (${inFlight} / ${remaining})`;
}

function lineOf(freeze: Freeze): string {
  const { _id, at, thawed, asked, unwritten, emergencyToo, reason } = freeze;
  const open = unwritten ? '冻结中，尚未入账 frozen, not yet in the book' : '冻结中 frozen';
  const state = thawed ? '已解冻 thawed' : asked ? '已申请解冻 thaw asked for' : open;
  const emergency = emergencyToo ? ' +应急 emergency' : '';
  return `${_id} ${state} ${both(scopeSaid(freeze))}${emergency} ${at.toISOString()} ${reason}`;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
