/** `lianfa broadcast pause | resume | narrow | out | resend ID`: a release in mid-flight. */
import type { Command } from 'commander';
import { wheres, type Where } from '../core/command/wheres.js';
import { order } from '../core/placements/report.js';
import { out, paused, resent, resumed, type OutBody } from '../server/contract/flight.js';
import { audienceOf, withAudience, type AudienceOptions } from './audience-options.js';
import { createClient } from './client.js';
import { both, running } from './say.js';

interface Options {
  reason: string;
  json?: boolean;
}

/** Registered below `lianfa broadcast`. */
export function registerFlight(broadcast: Command): void {
  const one = (name: string, description: string): Command =>
    broadcast.command(name).description(description).argument('<id>', '发布件编号 id of the release');
  const withReason = (command: Command): Command =>
    command
      .requiredOption('--reason <reason>', '原因（留档）reason, kept on record')
      .option('--json', '输出 JSON for machines');
  withReason(one('pause', '暂停：一人即可，应急也停 Pause it: one person, at once, the emergency lane too')).action(
    (id: string, options: Options) => running(options.json, () => pause(id, options)),
  );
  withReason(
    one('resume', '恢复：须两人，第二人再执行一次 Resume it: two persons; the second runs it once more'),
  ).action((id: string, options: Options) => running(options.json, () => resume(id, options)));
  withAudience(
    withReason(
      one(
        'narrow',
        '移出：没发出的不再发，已公开的保留 Take accounts out: what has not left never does, what is public stays',
      ),
    ),
  ).action((id: string, options: Options & AudienceOptions) => running(options.json, () => narrow(id, options)));
  one('out', '此刻已发出、在途、暂停、移出各多少 What is out, in flight, held and taken out at this moment')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Pick<Options, 'json'>) => running(options.json, () => tellOut(id, options.json)));
  one('resend', '重发给未送达的账号 Send again to exactly those not reached')
    .option('--anew', '全部重新签发 all under a new signature')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: { anew?: boolean; json?: boolean }) =>
      running(options.json, () => sendAgain(id, options)),
    );
}

const pathOf = (id: string, rest: string): string => `/releases/${encodeURIComponent(id)}/${rest}`;

function print(json: boolean | undefined, value: unknown, said: { zh: string; en: string }): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${both(said)}\n`);
}

async function pause(id: string, { reason, json }: Options): Promise<void> {
  const done = await createClient().call(paused, 'POST', pathOf(id, 'pause'), { json: { reason } });
  const { acknowledgement } = done;
  const inFlight = acknowledgement?.inFlight ?? 0;
  print(
    json,
    done,
    acknowledgement?.acknowledged
      ? {
          zh: `已暂停，各发布进程均已确认；当时在途请求 ${inFlight} 个。恢复须两人：lianfa broadcast resume ${id}`,
          en: `Paused, confirmed by every publishing process; ${inFlight} requests were in flight. It takes two to resume.`,
        }
      : {
          zh: '已记入账本，尚有进程没有确认；请用 lianfa freeze --list 核对。',
          en: 'It stands in the ledger; some process has not confirmed yet. See lianfa freeze --list.',
        },
  );
  // Done only when every process that lives has confirmed, and nothing of before is still out.
  if (!acknowledgement?.acknowledged || acknowledgement.remaining > 0) process.exitCode = 1;
}

async function resume(id: string, { reason, json }: Options): Promise<void> {
  const done = await createClient().call(resumed, 'POST', pathOf(id, 'resume'), { json: { reason } });
  print(
    json,
    done,
    done.resumed
      ? { zh: '已恢复，等待中的自动继续。', en: 'Resumed; what waited goes on by itself.' }
      : {
          zh: `已申请恢复，仍在暂停。请另一人执行：lianfa broadcast resume ${id} --reason …`,
          en: 'Asked for; it is paused still. Another person runs the same command.',
        },
  );
}

async function narrow(id: string, options: Options & AudienceOptions): Promise<void> {
  const client = createClient();
  const audience = await audienceOf(client, options);
  const proof = (await client.proof()) ?? { password: '' };
  const json = { audience, reason: options.reason, ...proof };
  const done = await client.call(order, 'POST', pathOf(id, 'narrow'), { json });
  print(
    options.json,
    { release: id, order: done.id },
    {
      zh: `已下达移出：没发出的不再发，已公开的保留。现状：lianfa broadcast out ${id}`,
      en: `Ordered: what has not left never does, what is public stays. How it stands: lianfa broadcast out ${id}`,
    },
  );
}

async function tellOut(id: string, json: boolean | undefined): Promise<void> {
  const body = await createClient().call(out, 'GET', pathOf(id, 'out'));
  process.stdout.write(json ? `${JSON.stringify(body)}\n` : `${outLines(body).join('\n')}\n`);
}

async function sendAgain(id: string, { anew = false, json }: { anew?: boolean; json?: boolean }): Promise<void> {
  const done = await createClient().call(resent, 'POST', pathOf(id, 'resend'), { json: { anew } });
  const { retried, submitted, review, unknown } = done;
  const turn = review === undefined ? { zh: '', en: '' } : { zh: `（审签 ${review}）`, en: ` (review ${review})` };
  print(json, done, {
    zh: `再试 ${retried} 个，重新送审 ${submitted} 个${turn.zh}，结果不明须先确认 ${unknown} 个。`,
    en: `${retried} tried again, ${submitted} submitted anew${turn.en}, ${unknown} unknown: say first whether they are out.`,
  });
}

const words: Readonly<Record<Where, { zh: string; en: string }>> = {
  out: { zh: '已发出', en: 'out' },
  inFlight: { zh: '在途', en: 'in flight' },
  held: { zh: '暂停中', en: 'held' },
  toGo: { zh: '待发', en: 'to go' },
  stuck: { zh: '未成功', en: 'failed' },
  takenOut: { zh: '已移出', en: 'taken out' },
  calledOff: { zh: '不再发', en: 'called off' },
};

/** What is where, as lines of a terminal: in all, then by channel and region. */
export function outLines({ at, counts, older, channels, regions, paused: holding }: OutBody): string[] {
  const line = (of: OutBody['counts']): string =>
    wheres.flatMap((where) => ((of[where] ?? 0) > 0 ? [`${both(words[where])} ${of[where] ?? 0}`] : [])).join(' · ');
  return [
    ...holding.map(({ reason, by }) => `⏸ ${both({ zh: `已暂停（${by.name}：${reason}）`, en: 'paused' })}`),
    `${at}  ${line(counts)}`,
    ...(older > 0
      ? [both({ zh: `其中 ${older} 个仍显示较早一版`, en: `${older} still show an earlier message` })]
      : []),
    ...[...channels, ...regions].map(({ name, counts: of }) => `  ${name}  ${line(of)}`),
  ];
}
