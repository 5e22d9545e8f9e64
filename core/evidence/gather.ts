/** What the hub holds of one release, for strangers: as stored, without anything that opens an account. */
import type { Channel } from '../../channels/channel.js';
import { profileOf } from '../accounts/open.js';
import { placementIds, type Placement } from '../model/placement.js';
import type { Revision } from '../model/release.js';
import { hashedText } from '../releases/compose.js';
import { keysNamed } from './named.js';
import { readKey } from '../signatures/keys.js';
import { loadText, renditionFor, renditionHash, renditionKey } from '../signatures/renditions.js';
import type { Store } from '../store/store.js';
import type { Vault } from '../accounts/vault.js';

export interface EvidenceMeans {
  store: Store;
  vault: Vault;
  channels: ReadonlyMap<string, Channel>;
  config: { channelFolders: readonly string[] };
}

type Row = Record<string, unknown>;
/** Rows by the name of their collection. */
export type Gathered = Map<string, Row[]>;

/** Told apart elsewhere: the audit with its proof. */
const apart = ['AuditEntry', 'Placement'];

/** All collections that know releases, so that none that comes later is forgotten. */
export async function gather(means: EvidenceMeans, release: string): Promise<Gathered> {
  const { store } = means;
  const all: Gathered = new Map();
  for (const [name, model] of Object.entries(store.connection.models)) {
    if (apart.includes(name) || !model.schema.path('release')) continue;
    const rows = (await model.find({ release }).sort({ _id: 1 }).lean()) as Row[];
    if (rows.length > 0) all.set(model.collection.name, rows);
  }
  const ids = { _id: placementIds(release) };
  const placements = await store.placements.find(ids).sort({ _id: 1 }).lean();
  const revisions = await store.revisions.find({ release }).sort({ number: 1 }).lean();
  all.set('releases', (await store.releases.find({ _id: release }).lean()) as unknown as Row[]);
  all.set(
    'revisions',
    revisions.map((row) => ({ ...row, hashed: hashedText({ ...row, words: row.words ?? '' }) })),
  );
  all.set('placements', placements as unknown as Row[]);
  all.set('events', (await store.events.find(ids).sort({ _id: 1 }).lean()) as unknown as Row[]);
  all.set('renditions', await renditionsOf(means, revisions, placements));
  await addNamed(means, all);
  return all;
}

/** Every rendition that differs, of each signed revision, for the accounts where the release was sent. */
async function renditionsOf(
  { store, channels, config }: EvidenceMeans,
  revisions: readonly Revision[],
  placements: readonly Placement[],
): Promise<Row[]> {
  const rows: Row[] = [];
  const seen = new Set<string>();
  for (const { account } of placements) {
    const row = await store.accounts.findById(account).lean();
    const channel = row && channels.get(row.channel);
    const unit = row && (await store.organizations.findById(row.organization, { name: 1 }).lean());
    if (!channel) continue;
    for (const { _id: revision } of revisions.filter(({ signed }) => signed)) {
      try {
        const profile = profileOf(channel, row, unit?.name ?? row.organization);
        const key = `${revision} ${channel.name} ${renditionKey(channel, profile)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const rendition = await renditionFor(channel, await loadText(store, revision), profile, config.channelFolders);
        const payload: unknown = JSON.parse(JSON.stringify(rendition.payload));
        rows.push({ channel: channel.name, account, revision, hash: renditionHash(rendition), payload });
      } catch (error) {
        // An account whose settings no longer fit shows nothing; that it is so is told.
        rows.push({ channel: channel.name, account, revision, hash: undefined, failed: String(error) });
      }
    }
  }
  return rows;
}

/** Who and what those rows name: public keys, lists of accounts, names of accounts and of people. */
async function addNamed({ store, vault }: EvidenceMeans, all: Gathered): Promise<void> {
  const { keys, lists, people, accounts } = keysNamed([...all.values()].flat());
  const known = await Promise.all([...keys].sort().map((id) => readKey({ store, vault }, id)));
  all.set(
    'signing_keys',
    known.flatMap((key) =>
      key
        ? [
            {
              _id: key._id,
              person: key.person,
              publicKey: key.publicKey,
              createdAt: key.createdAt,
              retiredAt: key.retiredAt,
            },
          ]
        : [],
    ),
  );
  all.set('account_lists', (await store.accountLists.find({ _id: { $in: [...lists] } }).lean()) as unknown as Row[]);
  const columns = { name: 1, channel: 1, organization: 1, region: 1 } as const;
  all.set('accounts', (await store.accounts.find({ _id: { $in: [...accounts] } }, columns).lean()) as unknown as Row[]);
  const names = { displayName: 1, organization: 1 } as const;
  all.set('people', (await store.people.find({ _id: { $in: [...people] } }, names).lean()) as unknown as Row[]);
}
