/**
 * 人工转发: accounts without an API (video channels, news apps, loudspeakers, screens, a partner's site). Publishing makes
 * a task: nothing leaves this machine, and what the ledger knows is that a person is to do it. What they say stands as
 * their word; where there is a public address it is read back as on any other account, and only that verifies.
 */
import { beijingMinute } from '../beijing-calendar.js';
import type {
  Acceptance,
  Channel,
  Disposition,
  Finding,
  Remote,
  Rendition,
  Said,
  StepCall,
  Verification,
  Withdrawal,
} from '../channel.js';
import { TransportError } from '../outbound.js';
import { holds, readPage } from './read.js';
import { render, renditionKey, variant, type RelayPayload } from './rendition.js';
import { relaySandbox } from './sandbox.js';
import { credentialsSchema, settingsSchema, type Credentials, type RelayAccount, type Settings } from './settings.js';
import { squeeze } from './words.js';

/** Seconds until it is looked at again, where nothing can be told now. */
const later = 3_600;

export const channel: Channel<Settings, Credentials, RelayPayload> = {
  name: 'relay',
  label: { zh: '人工转发', en: 'Relayed by hand' },
  accountSchema: { settings: settingsSchema, credentials: credentialsSchema },
  identity: ({ platform, handle }) => JSON.stringify([platform, handle]),
  credentialsGoBy: [],
  limits: {
    // As large as the apps of phones take without making them small again.
    pictures: {
      [variant]: { maxBytes: 5_000_000, tallBytes: 10_000_000, maxEdge: 2_160, formats: ['jpeg', 'png', 'gif'] },
    },
    publishSeconds: 60,
  },
  render,
  renditionKey,
  hostOf: ({ settings: { address } }) => (address === undefined ? '' : new URL(address).origin),
  replaces: () => 'anew',
  publish,
  find,
  verify,
  withdraw,
  // There is nothing that could be refused; a page that cannot be read now holds up no task.
  check: () => Promise.resolve({ outcome: 'ok' }),
  classify,
  sandbox: relaySandbox,
};

/** A task that is made twice is one: the ledger knows it by the step's key. */
async function publish(
  account: RelayAccount,
  { payload }: Rendition<RelayPayload>,
  call: StepCall,
): Promise<Acceptance> {
  // Nobody is sent for a picture that cannot be saved.
  for (const part of payload.parts) if (part.is === 'picture') await call.media.read(part.hash, part.variant);
  await call.leave();
  const { emergency, change, title } = call.release;
  const older = change === 'update' ? [] : call.standing.filter(({ remote }) => remote.id !== call.key);
  const ends = emergency && emergency.msgType !== 'Cancel' ? emergency.expires : undefined;
  const instead = older.map(({ remote: { id, url, extra } }) => ({
    id,
    title: extra?.['title'] ?? id,
    ...(url !== undefined && { url }),
  }));
  return {
    outcome: 'action',
    remote: {
      id: call.key,
      extra: { title },
      ...(ends !== undefined && { ends }),
      ...(instead.length > 0 && { instead }),
    },
    cause: waits(account.settings, instead.length > 0),
    todo: doIt(account.settings, instead),
  };
}

type Old = NonNullable<Remote['instead']>[number];

function waits({ platform, handle }: Settings, replaces: boolean): Said {
  return replaces
    ? {
        zh: `“${platform}·${handle}”没有发布接口，等待人工更换。`,
        en: `${platform} · ${handle} has no API; it waits for a person to put this in place of the old text.`,
      }
    : {
        zh: `“${platform}·${handle}”没有发布接口，等待人工发布。`,
        en: `${platform} · ${handle} has no API; it waits for a person.`,
      };
}

function doIt({ platform, handle, manual }: Settings, instead: readonly Old[]): Said {
  const note = manual === undefined ? '' : `（${manual}）`;
  const steps = [
    { zh: `打开“${platform}·${handle}”${note}`, en: `Open ${platform} · ${handle}${note}` },
    { zh: '按次序复制文字、保存图片并发布', en: 'Copy the texts and save the pictures in their order, and publish' },
    ...instead.map((old) => ({ zh: `撤下旧文${namedZh(old)}`, en: `Take away the old text ${namedEn(old)}` })),
    { zh: '填写发布后的链接，或上传截图、照片确认', en: 'Confirm with its link, or with a picture' },
  ];
  return numbered(steps);
}

function numbered(steps: readonly Said[]): Said {
  const signs = '①②③④⑤⑥⑦⑧⑨';
  return {
    zh: `${steps.map(({ zh }, place) => `${signs[place] ?? '·'} ${zh}`).join('；')}。`,
    en: `${steps.map(({ en }, place) => `${place + 1}. ${en}`).join('. ')}.`,
  };
}

const namedZh = ({ title, url }: Old): string => `《${title}》${url === undefined ? '（如已发布）' : `（${url}）`}`;
const namedEn = ({ title, url }: Old): string => `"${title}" (${url ?? 'if it is out'})`;

/** Where it can be read: the address that somebody gave, else the account's own. */
function addressOf({ settings }: RelayAccount, remote: Remote | undefined): string | undefined {
  return remote?.url ?? settings.address;
}

/** The account's own page shows many things: each is told by its key, which no server sees. */
function urlOf({ settings: { address } }: RelayAccount, key: string): string | undefined {
  if (address === undefined) return undefined;
  const url = new URL(address);
  url.hash = key;
  return url.href;
}

/** A task leaves nothing anywhere, so there is nothing of it to find; what a person has done since can be read, or is known to the ledger. */
async function find(account: RelayAccount, { expected }: Rendition<RelayPayload>, call: StepCall): Promise<Finding> {
  const known = call.standing.find(({ remote }) => remote.id === call.key)?.remote;
  const address = addressOf(account, known);
  const page = address === undefined ? undefined : await readPage(address, call);
  if (page === undefined || page === 'gone' || holds(page, expected) !== 'whole') return { outcome: 'absent' };
  const url = known?.url ?? urlOf(account, call.key);
  const remote = {
    ...known,
    id: call.key,
    extra: { ...known?.extra, title: call.release.title },
    ...(url !== undefined && { url }),
  };
  return { outcome: 'found', state: 'published', remote };
}

async function verify(
  account: RelayAccount,
  remote: Remote,
  { expected }: Rendition<RelayPayload>,
  call: StepCall,
): Promise<Verification> {
  const address = addressOf(account, remote);
  const page = address === undefined ? undefined : await readPage(address, call);
  const end = remote.ends;
  if (end !== undefined && call.now().getTime() >= Date.parse(end))
    return afterItsEnd(page, expected, remote, end, call);
  if (page === undefined) return { outcome: 'pending', again: later };
  // Of a page that somebody named, or on which it was read before, it is known that it should be there.
  const isExpected = remote.url !== undefined;
  if (page === 'gone') return isExpected ? missing : { outcome: 'pending', again: later };
  switch (holds(page, expected)) {
    case 'whole': {
      const old = await stillThere(remote, call);
      if (old) return { outcome: 'mismatch', ...oldStands(old) };
      const url = remote.url ?? urlOf(account, remote.id);
      return {
        outcome: 'verified',
        remote: { ...remote, extra: { ...remote.extra, read: 'yes' }, ...(url !== undefined && { url }) },
        evidence: {
          zh: `已读取公开页面：标题、正文 ${expected.text.length} 字与签发稿一致。`,
          en: `The public page was read: title and ${expected.text.length} characters are as signed.`,
        },
      };
    }
    case 'part':
      return isExpected ? changed : { outcome: 'pending', again: later };
    case 'other':
      // A page that shows itself to apps alone says nothing; one on which it was read says that it has gone.
      return remote.extra?.['read'] === undefined ? { outcome: 'pending', again: later } : missing;
  }
}

/** One that was to be taken away in the same act, and can still be read. */
async function stillThere({ instead = [], url }: Remote, call: StepCall): Promise<Old | undefined> {
  for (const old of instead) {
    if (old.url === undefined || old.url === url) continue;
    const page = await readPage(old.url, call);
    if (page !== undefined && page !== 'gone' && page.words.includes(squeeze(old.title)) && old.title !== old.id)
      return old;
  }
  return undefined;
}

const saysOver = /已失效|已解除|已被取代|已过期|已结束|解除预警|预警解除/;

/** Over by the clock: what still stands unmarked is to be taken away. Where nobody can read it, a person is asked once. */
async function afterItsEnd(
  page: Awaited<ReturnType<typeof readPage>>,
  expected: Rendition<RelayPayload>['expected'],
  remote: Remote,
  end: string,
  call: StepCall,
): Promise<Verification> {
  const title = remote.extra?.['title'] ?? call.release.title;
  const asks = { outcome: 'mismatch', ...isOver(title, end, remote.url) } as const;
  if (page === undefined) {
    const asked = `over/${remote.id}`;
    if ((await call.records.get(asked)) !== undefined) return { outcome: 'pending', again: later };
    await call.records.set(asked, end);
    return asks;
  }
  if (page !== 'gone' && holds(page, expected) !== 'other' && !saysOver.test(page.words)) return asks;
  return {
    outcome: 'verified',
    remote,
    evidence: {
      zh: `已于 ${beijingMinute(end)} 失效；公开页面已不再显示，或已标明失效。`,
      en: `It ended at ${beijingMinute(end)}; the public page shows it no more, or says so.`,
    },
  };
}

/** What has gone already counts as taken back; else it is a person's task, with the old text named. */
async function withdraw(account: RelayAccount, remote: Remote, call: StepCall): Promise<Withdrawal> {
  const { title } = call.release;
  const address = addressOf(account, remote);
  const wasRead = remote.extra?.['read'] !== undefined;
  const page = wasRead && address !== undefined ? await readPage(address, call) : undefined;
  if (page === 'gone' || (page && !page.words.includes(squeeze(title))))
    return {
      outcome: 'withdrawn',
      platform: { code: 'not-there', words: '公开页面已不再显示 / the public page shows it no more' },
    };
  await call.leave();
  const { platform, handle } = account.settings;
  const old = { id: remote.id, title, ...(remote.url !== undefined && { url: remote.url }) };
  return {
    outcome: 'action',
    cause: {
      zh: `“${platform}·${handle}”没有撤回接口，等待人工撤下《${title}》。`,
      en: `${platform} · ${handle} has no API; it waits for a person to take "${title}" away.`,
    },
    todo: numbered([
      {
        zh: `打开“${platform}·${handle}”，删除${namedZh(old)}；还没有发布的，不要再发`,
        en: `Open ${platform} · ${handle} and delete ${namedEn(old)}; where it is not out, do not put it there`,
      },
      { zh: '撤下后在此确认', en: 'Confirm here when it is gone' },
    ]),
  };
}

function isOver(title: string, end: string, url: string | undefined): { cause: Said; todo: Said } {
  const at = beijingMinute(end);
  return {
    cause: {
      zh: `《${title}》已于 ${at} 失效，可能仍在公开。`,
      en: `"${title}" ended at ${at} and may still be public.`,
    },
    todo: {
      zh: `请撤下《${title}》${url === undefined ? '' : `（${url}）`}，或标明“已失效”，然后确认。`,
      en: `Take "${title}"${url === undefined ? '' : ` (${url})`} away or mark it as over, then confirm.`,
    },
  };
}

function oldStands(old: Old): { cause: Said; todo: Said } {
  return {
    cause: {
      zh: `新文已公开，旧文${namedZh(old)}仍在公开。`,
      en: `The new text is public, and so is the old one ${namedEn(old)}.`,
    },
    todo: { zh: '请撤下旧文，然后确认。', en: 'Take the old one away, then confirm.' },
  };
}

const compareThem: Said = {
  zh: '请打开公开页面，对照签发稿改正后确认；平台改动的，请与平台联系。',
  en: 'Open the public page, put it right by what was signed, and confirm; where the platform has changed it, ask them.',
};
const changed: Verification = {
  outcome: 'mismatch',
  cause: { zh: '公开页面上的内容不完整，或与签发稿不同。', en: 'The public page shows it in part, or changed.' },
  todo: compareThem,
};
const missing: Verification = {
  outcome: 'mismatch',
  cause: { zh: '公开页面打不开，或上面已没有这篇内容。', en: 'The public page is gone, or does not show it any more.' },
  todo: compareThem,
};

/** Only reading goes out, so nothing that fails can have landed. */
function classify(error: unknown): Disposition {
  if (error instanceof TransportError)
    return {
      class: 'retry',
      delay: 60,
      cause: { zh: '公开页面暂时读不到。', en: 'The public page cannot be read now.' },
    };
  return {
    class: 'permanent',
    cause: { zh: '任务没有生成。', en: 'The task was not made.' },
    todo: { zh: '请点“重试”；仍不行的，请联系运维。', en: 'Press Retry; if that does not help, ask operations.' },
  };
}
