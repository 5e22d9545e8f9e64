/** What platforms do in the night of a broadcast. */
import { setTimeout as pause } from 'node:timers/promises';
import type { BadCase } from './stage.js';

/** Seconds that a host is away. */
const away = 25;

export const ofPlatforms: readonly BadCase[] = [
  {
    name: 'host-down',
    said: { zh: '一台主机停机', en: 'One host is down.' },
    outcome: {
      zh: '其余全部核验；它的账号写明原因和再试时间，恢复后各发一次。',
      en: 'All others are verified; its accounts say why and when they are tried again, and get it once when it is back.',
    },
    async run(stage) {
      await stage.hosts.website.be('down');
      const release = await stage.send('甲');
      await stage.verified(release, ({ host }) => host !== stage.hosts.website.url);
      await stage.explained(release);
      await pause(away * 1_000);
      await stage.explained(release);
      await stage.hosts.website.be('up');
    },
  },
  {
    name: 'dead-credential',
    said: { zh: '五十个账号里有一个凭据失效', en: 'One credential in fifty is dead.' },
    outcome: {
      zh: '其余全部核验；失效的转人工，写明须重新授权。',
      en: 'All others are verified; the dead ones are in a person’s hands, who is told to renew them.',
    },
    async run(stage) {
      const dead = [
        stage.accounts.find(({ channel, host }) => channel === 'weibo' && host === undefined),
        stage.accounts.find(({ channel, host, name }) => channel === 'website' && !host && /^\d+$/.test(name)),
      ];
      await stage.platforms.control('weibo', 'expire-token', { uid: dead[0]?.name });
      await stage.platforms.control('website', 'expire', { site: dead[1]?.name });
      const release = await stage.send('甲');
      await stage.verified(release, (account) => !dead.includes(account));
      await stage.explained(release);
      const rows = await stage.rows(release);
      stage.requires(rows.filter(({ state }) => state === 'needs_action').length === 2, 'two wait for a person');
    },
  },
  {
    name: 'hanging',
    said: { zh: '十分之一的平台收下请求不应答', en: 'A tenth of the platforms takes requests and does not answer.' },
    outcome: {
      zh: '其余照常核验；不应答的写明原因，恢复后先查后发，各一次。',
      en: 'All others are verified meanwhile; the silent ones say so, are asked first when they are back, and get it once.',
    },
    async run(stage) {
      for (const host of Object.values(stage.hosts)) await host.be('hanging');
      const release = await stage.send('甲');
      await stage.verified(release, ({ host }) => host === undefined);
      await pause(away * 1_000);
      await stage.explained(release);
      for (const host of Object.values(stage.hosts)) await host.be('up');
    },
  },
  {
    name: 'late-success',
    said: { zh: '平台超时之后才成功', en: 'Platforms that succeed after they were given up.' },
    outcome: {
      zh: '先到平台查找，找到的不再发，各一次。',
      en: 'They are looked for at the platform; what is found is not sent again.',
    },
    async run(stage) {
      const late = [
        ['weibo', 'statuses/share'],
        ['website', 'create'],
        ['wechat', 'freepublish/submit'],
      ] as const;
      for (const [channel, call] of late)
        await stage.platforms.control(channel, 'latency', { call, ms: 17_000, spread: 3_000 });
      const release = await stage.send('甲');
      await stage.verified(release, ({ channel }) => channel === 'app');
      for (const [channel, call] of late) await stage.platforms.control(channel, 'latency', { call, ms: 0 });
      await stage.explained(release);
    },
  },
  {
    name: 'two-peers',
    said: {
      zh: '主机停机又恢复，两个时钟、两个发布进程都来重试',
      en: 'A host comes back, and two clocks and two publishers try again.',
    },
    outcome: { zh: '每个账号只发一次。', en: 'Each account gets it once.' },
    async run(stage) {
      for (const host of Object.values(stage.hosts)) await host.be('down');
      const release = await stage.send('甲');
      await stage.verified(release, ({ host }) => host === undefined);
      await pause(away * 1_000);
      for (const host of Object.values(stage.hosts)) await host.be('up');
      await pause(2_000);
      for (const host of Object.values(stage.hosts)) await host.be('down');
      await pause(5_000);
    },
  },
];
