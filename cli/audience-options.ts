/** The options that choose an audience, the same for every command that sends. */
import type { Command } from 'commander';

export interface AudienceOptions {
  channels?: string[];
  organizations?: string[];
  regions?: string[];
  tags?: string[];
  accounts?: string[];
}

export function withAudience(command: Command): Command {
  return command
    .option('--channels <names>', '渠道，用逗号分隔 channels, separated by commas', list)
    .option('--organizations <ids>', '单位编号（含下级）units, each with all below', list)
    .option('--regions <codes>', '地区代码（含下级）region codes, each with all below', list)
    .option('--tags <tags>', '账号标签 tags', list)
    .option('--accounts <ids>', '账号编号 account ids', list);
}

export function audienceOf({ channels, organizations, regions, tags, accounts }: AudienceOptions): AudienceOptions {
  return {
    ...(channels && { channels }),
    ...(organizations && { organizations }),
    ...(regions && { regions }),
    ...(tags && { tags }),
    ...(accounts && { accounts }),
  };
}

function list(text: string): string[] {
  return text
    .split(/[,，]/)
    .map((part) => part.trim())
    .filter(Boolean);
}
