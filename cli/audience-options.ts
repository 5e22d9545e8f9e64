/** The options that choose an audience, the same for every command that sends. */
import type { Command } from 'commander';
import type { Audience } from '../core/model/order.js';
import { pageOf } from '../server/contract/pages.js';
import { savedAudience, type SavedAudienceBody } from '../server/contract/audiences.js';
import { CommandFailure, type Client } from './client.js';

export interface AudienceOptions {
  audience?: string;
  channels?: string[];
  organizations?: string[];
  regions?: string[];
  polygon?: string[];
  circle?: string[];
  tags?: string[];
  accounts?: string[];
  exceptOrganizations?: string[];
  exceptAccounts?: string[];
  because?: string;
}

export function withAudience(command: Command): Command {
  return command
    .option(
      '--audience <name>',
      '常用范围的名称或编号；其他选项覆盖它的同名条件 a saved audience; other options replace its lists',
    )
    .option('--channels <names>', '渠道，用逗号分隔 channels, separated by commas', list)
    .option('--organizations <ids>', '单位编号（含下级）units, each with all below', list)
    .option('--regions <codes>', '地区代码（含下级）region codes, each with all below', list)
    .option('--polygon <pairs...>', '多边形 "纬度,经度 纬度,经度 …"，首尾相同 a CAP polygon, closed')
    .option('--circle <circle...>', '圆 "纬度,经度 公里" a CAP circle, kilometres')
    .option('--tags <tags>', '账号标签 tags', list)
    .option('--accounts <ids>', '账号编号 account ids', list)
    .option('--except-organizations <ids>', '排除的单位（含下级）units to leave out', list)
    .option('--except-accounts <ids>', '排除的账号 accounts to leave out', list)
    .option('--because <reason>', '排除的原因（必填，随签发留档）why they are left out; kept with what is signed');
}

/** @throws CommandFailure where no saved audience has the name, or more than one */
export async function audienceOf(client: Client, options: AudienceOptions): Promise<Audience> {
  const saved = options.audience === undefined ? {} : (await savedNamed(client, options.audience)).audience;
  const { channels, organizations, regions, polygon, circle, tags, accounts } = options;
  const { exceptOrganizations, exceptAccounts, because = '' } = options;
  const left = {
    ...(exceptOrganizations && { organizations: exceptOrganizations }),
    ...(exceptAccounts && { accounts: exceptAccounts }),
  };
  return {
    ...saved,
    ...(channels && { channels }),
    ...(organizations && { organizations }),
    ...(regions && { regions }),
    ...(polygon && { polygons: polygon }),
    ...(circle && { circles: circle }),
    ...(tags && { tags }),
    ...(accounts && { accounts }),
    ...(Object.keys(left).length > 0 && { except: [...(saved.except ?? []), { ...left, reason: because }] }),
  };
}

/** By its id, or by a name that no other has. @throws CommandFailure */
export async function savedNamed(client: Client, name: string): Promise<SavedAudienceBody> {
  const all = await allSaved(client);
  const [only, ...more] = all.filter((one) => one.id === name || one.name === name);
  if (only && more.length === 0) return only;
  throw new CommandFailure({
    code: only ? 'audience_ambiguous' : 'not_found',
    message: only
      ? {
          zh: `有 ${more.length + 1} 个常用范围叫“${name}”。`,
          en: `${more.length + 1} saved audiences are called "${name}".`,
        }
      : { zh: `没有叫“${name}”的常用范围。`, en: `There is no saved audience "${name}".` },
    todo: {
      zh: '用 lianfa audience list 查看，并用编号指明。',
      en: 'See lianfa audience list, and name it by its id.',
    },
  });
}

export async function allSaved(client: Client): Promise<SavedAudienceBody[]> {
  const all: SavedAudienceBody[] = [];
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({ limit: '200', ...(after !== undefined && { after }) });
    const { items, next } = await client.call(pageOf(savedAudience), 'GET', `/audiences?${query}`);
    all.push(...items);
    after = next;
    more = next !== undefined;
  }
  return all;
}

function list(text: string): string[] {
  return text
    .split(/[,，]/)
    .map((part) => part.trim())
    .filter(Boolean);
}
