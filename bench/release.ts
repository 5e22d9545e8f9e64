/** What every bench needs of a hub: a unit, many accounts at once, a signed release. */
import type { Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import type { Kind } from '../channels/channel.js';
import { hashOf, type RevisionContent } from '../core/releases/compose.js';
import type { ReadyAccount } from './ground.js';

const organization = 'bench';

export async function makeUnit({ store }: Hub): Promise<void> {
  await store.organizations.create({
    _id: organization,
    name: '示例省',
    path: `${organization}/`,
    region: '350000',
  });
}

/** Written natively: casting twenty thousand rows one by one would take longer than sending to them. */
export async function connectAccounts(
  { store, vault }: Hub,
  accounts: readonly ReadyAccount[],
  tags: readonly string[],
  channel = 'weibo',
): Promise<void> {
  const rows = accounts.map(({ name, settings, credentials }) => {
    const id = newId('a');
    return {
      _id: id,
      channel,
      name: `${name} ${tags[0] ?? ''}`,
      organization,
      path: `${organization}/`,
      region: '350000',
      tags,
      enabled: true,
      settings,
      sealed: vault.seal(id, credentials),
      credential: { state: 'unchecked' as const },
      createdAt: new Date(),
    };
  });
  for (let at = 0; at < rows.length; at += 1_000)
    await store.accounts.collection.insertMany(rows.slice(at, at + 1_000) as never[]);
}

/** A release of one signed revision. */
export async function writeRelease(
  { store }: Hub,
  words: string,
  kind: Kind = 'notice',
): Promise<{ release: string; revision: string }> {
  const [release, revision, now] = [newId('r'), newId('v'), new Date()];
  const content: RevisionContent = {
    kind,
    language: 'zh-Hans',
    title: words,
    summary: '请按要求执行。',
    body: '<p>请按要求执行。</p>',
    source: '示例省人民政府办公室',
    columns: [],
    keywords: [],
    pictures: [],
    attachments: [],
    // Alone with its words, so that each order looks for others and finds none.
    words: revision,
  };
  await store.revisions.create({
    _id: revision,
    release,
    number: 1,
    ...content,
    createdBy: 'bench',
    createdAt: now,
    hash: hashOf(content),
    signed: { by: 'bench', at: now },
  });
  await store.releases.create({
    _id: release,
    title: words,
    kind,
    revision,
    revisions: 1,
    createdBy: 'bench',
    createdAt: now,
    updatedAt: now,
    signed: revision,
  });
  return { release, revision };
}
