/** Kinds that look at one account at a time, among those that get the release. */
import { isReached, type Asked, type Gap, type GapKind, type SeenAccount } from './gap.js';

export function perAccount({
  find,
  ...kind
}: Pick<GapKind, 'kind' | 'said'> & { find(account: SeenAccount, asked: Asked): Gap | undefined }): GapKind {
  return {
    ...kind,
    open: (asked) => ({
      see: (page) => page.filter(isReached).flatMap((account) => find(account, asked) ?? []),
    }),
  };
}

export function ofAccount({ _id, name, organization }: SeenAccount): Pick<Gap, 'of' | 'name'> {
  return { of: { account: _id, organization }, name };
}

/** The list of accounts, narrowed to those beside it. */
export function linkTo({ organization, channel }: SeenAccount): string {
  return `/accounts?organization=${encodeURIComponent(organization)}&channel=${encodeURIComponent(channel)}`;
}
