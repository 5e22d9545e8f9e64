/** `npm run demo`: the main job, whole, on one machine, with sandboxes in place of the platforms. */
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { roleNames } from '../core/model/roles.js';
import type { ReleaseStatus } from '../core/placements/report.js';
import { startDemoDesk, type RunningDesk } from './demo/desk.js';
import { openRehearsal, type Rehearsal } from './demo/rehearsal.js';
import { units } from './demo/units.js';
import { untilTold } from './start.js';

/** Seconds after which `--once` gives up. */
const patience = 240;

export function register(program: Command): void {
  program
    .command('demo')
    .description('演示：真实文稿经四个渠道发到六个单位的账号 The main job on sandboxes')
    .option('--once', '发布完成后自动结束 end when the release is verified')
    .option('--port <port>', '工作台端口 port of the dashboard', Number, 0)
    .action(async ({ once, port }: { once?: boolean; port: number }) => {
      const told = untilTold();
      const began = Date.now();
      const desk = await startDemoDesk(process.argv[1] as string, port, units.length, told, (line) => {
        console.error(`\n  ${line}`);
      });
      try {
        const rehearsal = openRehearsal(desk);
        console.error(`· 工作台 dashboard ${desk.address}`);
        console.error(
          `· 已接入 ${await rehearsal.connect()} 个账号、${units.length} 个单位 accounts and units connected`,
        );
        const release = await rehearsal.sendKeynote();
        if (!once) introduce(desk, release);
        const status = await watch(rehearsal, release, told);
        if (once) finish(status, desk, began);
        else await showOn(rehearsal, desk, told);
      } finally {
        await desk.stop();
      }
      process.exit(process.exitCode ?? 0);
    });
}

/** What stays to be tried, until the terminal says stop; that may be in the middle of it. */
async function showOn(rehearsal: Rehearsal, desk: RunningDesk, told: Promise<void>): Promise<void> {
  const showing = async (): Promise<void> => {
    for (const sample of ['policy-2026.md', 'interpretation-2026.md']) await rehearsal.sendSample(sample);
    const review = await rehearsal.readyDrill('typhoon-drill.md');
    console.error(
      '· 全部核验完毕，另两份文稿正在发布。按 Ctrl+C 结束。 All verified; two more documents are on their way. Ctrl+C ends.',
    );
    console.error(
      `· 联动演练已由一人签发，请用 commander 登录作第二签发 an exercise broadcast waits for its second signature: ${desk.address}/reviews/${review}`,
    );
    await told;
  };
  await Promise.race([showing(), told]);
}

function introduce(desk: RunningDesk, release: string): void {
  const publisher = desk.pids()['publish --lane routine'];
  console.error(`
  登录 sign in
${desk.people.map(({ role, name, password }) => `    ${roleNames[role].zh.padEnd(6, '　')} ${name.padEnd(9)} / ${password}`).join('\n')}
  实时页面 live     ${desk.address}/releases/${release}
  公开网站 site     ${desk.address}/sites/${units[0]?.id ?? ''}/
  各平台公众所见 what the public sees:
${desk.platforms.map(({ platform, url, control }) => `    ${platform.padEnd(8)} ${url}/   控制 control ${control}`).join('\n')}
  命令行 CLI       LIANFA_URL=${desk.address} LIANFA_USER=writer node dist/cli/main.js status ${release}
                   … publish samples/notice-bad.md --accept-losses --wait
  事件模板 event templates ${desk.address}/templates（12 个，采编可用几个要素写成应急草稿 a draft from a few facts）
  试试 try         kill -9 ${String(publisher)}（发布进程）或 kill -9 ${String(desk.pids()['redis'])}（Redis）：自动恢复，不会重复发送。
                   Kill the publisher or Redis: it recovers by itself and posts nothing twice.
`);
}

/** Until every placement is final, time is up or the terminal says stop. */
async function watch(rehearsal: Rehearsal, release: string, told: Promise<void>): Promise<ReleaseStatus> {
  const bar = new SingleBar({
    format: '  已核验 verified {bar} {value}/{total} · {states}',
    barsize: 24,
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 3_000,
  });
  let stopped = false;
  void told.then(() => {
    stopped = true;
  });
  let status = await rehearsal.status(release);
  bar.start(1, 0, { states: '' });
  for (const end = Date.now() + patience * 1_000; Date.now() < end && !stopped;) {
    const now = await rehearsal.status(release).catch(() => undefined);
    if (now) status = now;
    bar.setTotal(Math.max(1, status.total));
    bar.update(verifiedIn(status), {
      states: status.counts.map(({ channel, state, count }) => `${channel} ${state} ${count}`).join(' · '),
    });
    if (status.finished || status.counts.some(({ state }) => state === 'needs_action')) break;
    await new Promise((wait) => setTimeout(wait, 250));
  }
  bar.stop();
  return status;
}

function verifiedIn(status: ReleaseStatus, channel?: string): number {
  return status.counts
    .filter((count) => count.state === 'verified' && (channel === undefined || count.channel === channel))
    .reduce((sum, { count }) => sum + count, 0);
}

/** The last line is for machines; success is nothing less than every placement verified. */
function finish(status: ReleaseStatus, desk: RunningDesk, began: number): void {
  const verified = verifiedIn(status);
  if (verified < status.total || status.total === 0) process.exitCode = 1;
  console.log(
    JSON.stringify({
      placements: status.total,
      verified,
      channels: Object.fromEntries(status.counts.map(({ channel }) => [channel, verifiedIn(status, channel)])),
      seconds: Math.round((Date.now() - began) / 100) / 10,
      dashboard: desk.address,
    }),
  );
}
