/** The accounts of one run, and what the public sees on each. New ones for every run: platforms have budgets. */
import type { Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import type { Platforms } from './platforms.js';

export interface ChaosAccount {
  id: string;
  channel: string;
  /** How the platform's log names it. */
  name: string;
  /** Bears the half's tag. */
  half: boolean;
  inPlace: boolean;
  /** Address through which its platform is reached, where that is another. */
  host?: string;
  /** The page, or pages, on which the public reads it. */
  read(release: string): Promise<string>;
}

const organization = 'chaos';
/** Of each kind. */
export const perKind = 4;

export async function makeUnit({ store }: Hub): Promise<void> {
  await store.organizations.create({ _id: organization, name: '示例省', path: `${organization}/`, region: '350000' });
}

export interface Place {
  /** Unit, in place of the one of all. */
  unit?: { organization: string; path: string };
  /** Address through which the platform is reached, for some. */
  hostOf?(kind: Kind, place: number): string | undefined;
}

const kindNames = ['weibo', 'wechat', 'micropub', 'builtin', 'app'] as const;
type Kind = (typeof kindNames)[number];

export async function connect(
  hub: Hub,
  platforms: Platforms,
  run: number,
  tag: string,
  { unit = { organization, path: `${organization}/` }, hostOf }: Place = {},
): Promise<ChaosAccount[]> {
  const made: ChaosAccount[] = [];
  for (const kind of kindNames) {
    for (let place = 0; place < perKind; place += 1) {
      const n = run * perKind + place;
      const account = kind === 'builtin' ? builtinAt(hub, n) : onPlatform(hub, platforms, kind, n);
      const id = newId('a');
      const half = place % 2 === 0;
      const host = hostOf?.(kind, place);
      await hub.store.accounts.create({
        _id: id,
        channel: account.channel,
        name: `${kind} ${n}`,
        ...unit,
        region: '350000',
        tags: half ? [tag, `${tag}-half`] : [tag],
        enabled: true,
        settings: through(account.settings, host),
        sealed: hub.vault.seal(id, account.credentials),
        credential: { state: 'unchecked' },
        createdAt: new Date(),
      });
      const { channel, name, inPlace, read } = account;
      made.push({ ...(host !== undefined && { host }), id, channel, name, half, inPlace, read });
    }
  }
  return made;
}

/** The same account of the same platform, reached by another address. */
function through(settings: Record<string, unknown>, host: string | undefined): Record<string, unknown> {
  if (host === undefined) return settings;
  const { pathname } = new URL(String(settings['endpoint']));
  return { ...settings, endpoint: `${host}${pathname === '/' ? '' : pathname}` };
}

type Ready = Pick<ChaosAccount, 'channel' | 'name' | 'inPlace' | 'read'> & {
  settings: Record<string, unknown>;
  credentials: Record<string, unknown>;
};

/** A site that the hub builds: the release's own page, and the lists that lead to it. */
function builtinAt(hub: Hub, n: number): Ready {
  const site = `site-${n}`;
  const at = `${hub.config.url}/sites/${site}`;
  return {
    channel: 'website',
    name: site,
    inPlace: true,
    settings: {
      type: 'builtin',
      site,
      siteName: `第${n}个网站`,
      siteDomain: 'www.example.gov.cn',
      siteIdCode: '3500000001',
    },
    credentials: {},
    read: async (release) => `${await textAt(`${at}/articles/${release}`)}\n${await textAt(`${at}/`)}`,
  };
}

function onPlatform(hub: Hub, platforms: Platforms, kind: 'weibo' | 'wechat' | 'micropub' | 'app', n: number): Ready {
  const channel = kind === 'micropub' ? 'website' : kind;
  const ready = platforms.account(channel, n);
  const text = (field: string): string => String(ready.settings[field]);
  switch (kind) {
    case 'weibo': {
      const uid = text('uid');
      const isIts = (card: string): boolean => card.includes(`href="/${uid}/`);
      const read = async (): Promise<string> => cards(await platforms.page('weibo', `/u/${uid}`), 'article', isIts);
      return { ...ready, channel, name: uid, inPlace: false, read };
    }
    case 'wechat': {
      const appId = text('appId');
      const isIts = (card: string): boolean => card.includes(`<small>${appId} `) && !card.includes('（已删除）');
      const read = async (): Promise<string> => cards(await platforms.page('wechat', `/u/${appId}`), 'li', isIts);
      return { ...ready, channel, name: appId, inPlace: false, read };
    }
    case 'micropub':
      return {
        ...ready,
        channel,
        name: String(n),
        inPlace: true,
        read: () => platforms.page('website', `/sites/${n}/`),
      };
    case 'app': {
      const feed = `${hub.config.url}/feeds/${text('feed')}/feed.json`;
      return { ...ready, channel, name: text('appKey'), inPlace: true, read: () => textAt(feed) };
    }
  }
}

function cards(page: string, element: string, isIts: (card: string) => boolean): string {
  return page
    .split(`<${element}>`)
    .slice(1)
    .map((part) => part.slice(0, part.indexOf(`</${element}>`)))
    .filter(isIts)
    .join('\n');
}

/** The text of a page; nothing where there is none. */
async function textAt(url: string): Promise<string> {
  const answer = await fetch(url);
  if (answer.status === 200) return answer.text();
  if (answer.status === 404 || answer.status === 410) return '';
  throw new Error(`${url} answers ${answer.status}`);
}
