/** One identity on a platform is one account: who has which, among what is stored and what a file brings. */
import { LianfaError } from '../errors.js';
import { invalid } from '../import-given.js';
import type { AccountRow } from '../model/account.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import type { Draft } from './draft.js';

/** Looked for in one call to the store. */
const batch = 250;

type Owner = Pick<AccountRow, '_id' | 'name' | 'organization' | 'channel'>;

export class IdentityBook {
  private readonly owners: ReadonlyMap<string, Owner>;
  private readonly rows = new Map<string, number>();

  private constructor(owners: ReadonlyMap<string, Owner>) {
    this.owners = owners;
  }

  static async open(store: Store, drafts: readonly Draft[]): Promise<IdentityBook> {
    const identities = drafts.flatMap(({ account }) => account.identity ?? []);
    const owners = new Map<string, Owner>();
    for (let at = 0; at < identities.length; at += batch) {
      for (const row of await store.accounts.find({ identity: { $in: identities.slice(at, at + batch) } }).lean())
        owners.set(row.identity ?? '', row);
      await breathe();
    }
    return new IdentityBook(owners);
  }

  /** The first to ask has it. Returns the refusal, naming whose it is. */
  take({ row, account }: Draft): LianfaError | undefined {
    const identity = account.identity ?? '';
    const owner = this.owners.get(identity);
    if (owner && owner._id !== account._id) return taken(stored(owner));
    const earlier = this.rows.get(identity);
    if (earlier !== undefined) return taken({ zh: `第 ${earlier} 行`, en: `row ${earlier}` });
    this.rows.set(identity, row);
    return undefined;
  }

  /** Why the store would not take it: another import has been quicker. */
  static async meanwhile(store: Store, { account: { _id, identity } }: Draft): Promise<LianfaError> {
    const owner = identity === undefined ? null : await store.accounts.findOne({ identity }).lean();
    if (owner && owner._id !== _id) return taken(stored(owner));
    return invalid('name', {
      zh: '另一次导入刚刚登记了这个账号，请重新导入。',
      en: 'another import has just registered this account; import it again.',
    });
  }
}

function stored({ name, organization, channel }: Owner): { zh: string; en: string } {
  return {
    zh: `单位 ${organization} 的 ${channel} 账号“${name}”`,
    en: `the ${channel} account “${name}” of ${organization}`,
  };
}

function taken(first: { zh: string; en: string }): LianfaError {
  return new LianfaError('identity_taken', { field: 'settings', first });
}
