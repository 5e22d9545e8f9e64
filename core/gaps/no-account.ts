import { regionRange, subtree, type Organization } from '../model/organization.js';
import { breathe } from '../tables/table.js';
import { isReached, type Asked, type Gap, type GapKind } from './gap.js';
import { isKnownCode } from './unknown-code.js';

const pageSize = 1_000;

/** A region of the selector, or a unit in it, in which no account is reached whose credential works. */
export const noAccount: GapKind = {
  kind: 'no_account',
  said: { zh: '没有可用的账号', en: 'No live account' },
  open(asked) {
    /** Of each unit, the region of which an account is live. */
    const live = new Map<string, string>();
    return {
      see(page) {
        for (const account of page)
          if (isReached(account) && account.credential.state !== 'dead') live.set(account.organization, account.region);
        return [];
      },
      end: () => missing(asked, live),
    };
  },
};

async function* missing(asked: Asked, live: ReadonlyMap<string, string>): AsyncGenerator<Gap> {
  const { audience, store } = asked;
  const regions = new Set(live.values());
  for (const code of audience.regions ?? []) {
    const { $gte, $lte } = regionRange(code);
    const has = [...regions].some((region) => region >= $gte && region <= $lte);
    if (!has && (await isKnownCode(store, code))) yield ofRegion(code);
  }
  // Who names accounts or tags means those, not every unit around them.
  if (audience.accounts?.length || audience.tags?.length) return;
  for await (const unit of unitsOf(asked)) if (!live.has(unit._id)) yield ofUnit(unit);
}

/** Open units that the selector holds. */
async function* unitsOf({ store, audience, place, seen, selection }: Asked): AsyncGenerator<Organization> {
  const named = audience.organizations ?? [];
  const above = await store.organizations.find({ _id: { $in: named } }, { path: 1 }).lean();
  const closed = (await store.organizations.find({ closedAt: { $exists: true } }, { path: 1 }).lean()).map(
    ({ path }) => path,
  );
  const isOpen = ({ path }: Organization): boolean => !closed.some((one) => path.startsWith(one));
  const within = [
    seen,
    { path: subtree(place) },
    ...(above.length > 0 ? [{ $or: above.map(({ path }) => ({ path: subtree(path) })) }] : []),
    ...(audience.regions?.length && !selection.parts
      ? [{ $or: audience.regions.map((code) => ({ region: regionRange(code) })) }]
      : []),
  ];
  for (let after = ''; ;) {
    const page = await store.organizations
      .find({ $and: [...within, { _id: { $gt: after } }] })
      .sort({ _id: 1 })
      .limit(pageSize)
      .lean();
    for (const unit of page) {
      const { _id, path, region, position } = unit;
      if (isOpen(unit) && selection.standing({ _id, path, region, ...position }) === 'in') yield unit;
    }
    await breathe();
    after = page.at(-1)?._id ?? '';
    if (page.length < pageSize) return;
  }
}

function ofUnit({ _id, name, region }: Organization): Gap {
  return {
    of: { organization: _id, region },
    name,
    said: { zh: '这个单位没有一个可用的账号在范围内。', en: 'The unit has no live account in the audience.' },
    act: {
      said: {
        zh: '为它连接账号，或通知上级代发',
        en: 'Connect an account for it, or have the unit above speak for it',
      },
      link: `/accounts?organization=${encodeURIComponent(_id)}`,
    },
  };
}

function ofRegion(code: string): Gap {
  return {
    of: { region: code },
    name: code,
    said: {
      zh: `地区 ${code} 没有一个可用的账号在范围内。`,
      en: `The region ${code} has no live account in the audience.`,
    },
    act: { said: { zh: '为当地单位连接账号', en: 'Connect accounts of units there' }, link: '/accounts' },
  };
}
