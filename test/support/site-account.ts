/** An account of the example province whose site the hub builds itself. */
import { newId } from '../../core/ids.js';
import type { Hub } from '../../core/hub/hub.js';
import type { AccountRow } from '../../core/model/account.js';

/** A row to be stored; `more` sets what a test needs otherwise. */
export function siteAccount(
  { vault }: Pick<Hub, 'vault'>,
  site: string,
  { _id = newId('a'), name = site, ...more }: Partial<AccountRow> = {},
): AccountRow {
  return {
    _id,
    channel: 'website',
    name,
    organization: 'province',
    path: 'province/',
    region: '350000',
    tags: [],
    enabled: true,
    settings: {
      type: 'builtin',
      site,
      siteName: name,
      siteDomain: 'www.example.gov.cn',
      siteIdCode: '3500000001',
    },
    sealed: vault.seal(_id, {}),
    credential: { state: 'ok' },
    createdAt: new Date(),
    ...more,
  };
}
