/** Who may what, as one table. 三员分立: whoever makes people writes and signs nothing, whoever audits changes nothing. */
import type { Said } from '../../channels/channel.js';

export const roles = ['writer', 'reviewer', 'signer', 'commander', 'operator', 'auditor', 'admin'] as const;
export type Role = (typeof roles)[number];

export const roleNames: Readonly<Record<Role, Said>> = {
  writer: { zh: '采编', en: 'writer' },
  reviewer: { zh: '审核', en: 'reviewer' },
  signer: { zh: '签发', en: 'signer' },
  commander: { zh: '应急指挥', en: 'commander' },
  operator: { zh: '运维', en: 'operator' },
  auditor: { zh: '审计', en: 'auditor' },
  admin: { zh: '系统管理员', en: 'admin' },
};

const desk = ['writer', 'reviewer', 'signer', 'commander'] as const;
const everybody = roles;
const readers = [...desk, 'operator', 'auditor'] as const;

export const permissions = {
  'releases.read': readers,
  'releases.write': ['writer'],
  /** Where reviews stand and who holds them up, without the text. */
  'reviews.read': everybody,
  /** To pass or return a text at a step of its chain; which role the step takes is for the chain to say. */
  'releases.review': ['reviewer', 'signer', 'commander'],
  'releases.comment': desk,
  'releases.sign': ['signer', 'commander'],
  'releases.withdraw': ['signer', 'commander'],
  'alerts.read': readers,
  /** To hand in what came from outside, and to take again what was held. */
  'alerts.take': ['writer', 'operator', 'commander'],
  /** To take in what was held: a person's own word that it is true. */
  'alerts.vouch': ['writer', 'commander'],
  'sources.manage': ['operator'],
  'placements.settle': ['writer', 'operator', 'commander'],
  'media.read': readers,
  'media.write': ['writer'],
  'accounts.read': readers,
  'accounts.manage': ['operator'],
  /** To make, change and close the saved audiences of a unit. */
  'audiences.manage': ['writer', 'commander'],
  'templates.read': readers,
  /** To make, change and withdraw event templates of a unit, which bind all below it. */
  'templates.manage': ['commander'],
  'units.read': everybody,
  'units.manage': ['admin'],
  'people.read': everybody,
  'people.manage': ['admin'],
  'chains.read': everybody,
  'chains.manage': ['admin'],
  'notices.read': [...desk, 'operator', 'admin', 'auditor'],
  'notices.settle': [...desk, 'operator', 'admin'],
  'freezes.read': everybody,
  'freezes.set': ['commander'],
  'audit.read': ['auditor'],
  'calendar.manage': ['operator'],
  /** Rosters, with telephone numbers, and who has been called. */
  'duty.read': readers,
  'duty.manage': ['commander', 'operator'],
  'drills.read': readers,
  /** To write the scenarios of a unit, and what its drills have shown. */
  'drills.manage': ['commander'],
  'drills.start': ['writer', 'commander'],
  /** By which ways the hub calls people, and the secrets for it. */
  'callouts.manage': ['operator'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as Permission[];

/** What takes a person: no key ever has it. */
export const personal: readonly Permission[] = [
  'releases.review',
  'releases.sign',
  'releases.withdraw',
  'people.manage',
  'chains.manage',
  'freezes.set',
  'alerts.vouch',
];

/** Roles whose grant a second admin confirms. */
export const weighty: readonly Role[] = ['signer', 'commander', 'admin'];

/** Roles that nobody holds together over one place. */
const apart: readonly (readonly [Role, readonly Role[]])[] = [
  ['admin', ['writer', 'reviewer', 'signer', 'commander', 'operator', 'auditor']],
  ['auditor', ['writer', 'reviewer', 'signer', 'commander', 'operator', 'admin']],
  ['operator', ['writer', 'reviewer', 'signer', 'commander', 'admin', 'auditor']],
];

export function mayNotMeet(one: Role, other: Role): boolean {
  return apart.some(
    ([role, others]) => (role === one && others.includes(other)) || (role === other && others.includes(one)),
  );
}

export function roleHas(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role);
}
