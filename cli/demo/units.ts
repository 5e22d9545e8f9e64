/** The demonstration's units: a province, its cities and a county, none of them real. */
import type { RunningDesk } from './desk.js';
import type { SandboxAccount } from '../../channels/sandbox.js';

export interface Unit {
  id: string;
  name: string;
  short: string;
  region: string;
  parent?: string;
}

export const units: readonly Unit[] = [
  { id: 'province', name: '示例省人民政府办公厅', short: '示例省', region: '350000' },
  { id: 'fuhai', name: '福海市人民政府办公室', short: '福海市', region: '350100', parent: 'province' },
  { id: 'lujiang', name: '鹭江市人民政府办公室', short: '鹭江市', region: '350200', parent: 'province' },
  { id: 'quanwan', name: '泉湾市人民政府办公室', short: '泉湾市', region: '350500', parent: 'province' },
  { id: 'minshan', name: '岷山市人民政府办公室', short: '岷山市', region: '350700', parent: 'province' },
  { id: 'gutian', name: '古田县人民政府办公室', short: '古田县', region: '350922', parent: 'province' },
];

export interface AccountRow {
  channel: string;
  name: string;
  organization: string;
  tags: string[];
  exercise: true;
  settings: Record<string, unknown>;
  credentials: Record<string, unknown>;
}

/** Four channels a unit; two units' sites run a CMS of their own. */
export function accountRows(desk: RunningDesk): AccountRow[] {
  return units.flatMap((unit, place) =>
    desk.platforms.flatMap(({ platform, accounts }) => {
      const ready = accounts[place];
      // What is relayed by hand waits for a person, and the demonstration ends by itself.
      if (!ready || platform === 'relay') return [];
      const row = { channel: platform, organization: unit.id, tags: ['演示'], exercise: true as const };
      const name = `${unit.short}${nameOf[platform] ?? platform}`;
      if (platform !== 'website')
        return [
          {
            ...row,
            name,
            settings: linked(ready, `${desk.address}/sites/${unit.id}/articles/{release}`),
            credentials: ready.credentials,
          },
        ];
      const own = { ...row, name, settings: builtinSite(unit, place), credentials: {} };
      return place < 2
        ? [
            own,
            {
              ...row,
              name: `${unit.short}部门网站（独立系统）`,
              settings: ready.settings,
              credentials: ready.credentials,
            },
          ]
        : [own];
    }),
  );
}

const nameOf: Record<string, string> = {
  website: '人民政府门户网站',
  wechat: '发布',
  weibo: '发布微博',
  app: '政务客户端',
};

/** Accounts that take a link get the one of the same release on their unit's own site. */
function linked(ready: SandboxAccount, link: string): Record<string, unknown> {
  return 'linkTemplate' in ready.settings
    ? {
        ...ready.settings,
        linkTemplate: link,
        ...('safeDomains' in ready.settings && { safeDomains: [new URL(link).hostname] }),
      }
    : ready.settings;
}

function builtinSite(unit: Unit, place: number): Record<string, unknown> {
  return {
    type: 'builtin',
    site: unit.id,
    siteName: `${unit.short}人民政府`,
    siteDomain: `www.${unit.id}.gov.example`,
    siteIdCode: `${unit.region}000${place}`,
    columns: [
      { name: '要闻动态', slug: 'news', type: '工作动态' },
      { name: '通知公告', slug: 'notices', type: '通知公告' },
      { name: '政策文件', slug: 'policies', type: '政策文件' },
      { name: '政策解读', slug: 'interpretations', type: '政策解读' },
    ],
  };
}
