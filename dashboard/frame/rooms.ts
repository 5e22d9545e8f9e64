/** The rooms of the hub, in the order of the bar: where they are, and what opens them. */
import type { Permission } from '../../core/model/roles';
import type { MessageKey } from '../i18n';

export interface Room {
  path: string;
  word: MessageKey;
  /** Absent: open to everybody. */
  permission?: Permission;
  /** With `g`: the key that leads there. */
  key?: string;
}

export const rooms: readonly Room[] = [
  { path: '/tasks', word: 'app.tasks', key: 't' },
  { path: '/releases', word: 'app.releases', permission: 'releases.read', key: 'r' },
  { path: '/alerts', word: 'app.alerts', permission: 'alerts.read', key: 'i' },
  { path: '/templates', word: 'app.templates', permission: 'templates.read', key: 'm' },
  { path: '/broadcasts', word: 'app.broadcasts', permission: 'reviews.read', key: 'b' },
  { path: '/drills', word: 'app.drills', permission: 'drills.read', key: 'e' },
  { path: '/calendar', word: 'app.calendar', permission: 'releases.read', key: 'c' },
  { path: '/accounts', word: 'app.accounts', permission: 'accounts.read', key: 'a' },
  { path: '/units', word: 'app.units', permission: 'units.manage', key: 'u' },
  { path: '/people', word: 'app.people', permission: 'people.read', key: 'p' },
  { path: '/chains', word: 'app.chains', permission: 'chains.read', key: 'l' },
  { path: '/duty', word: 'app.duty', permission: 'duty.read', key: 'd' },
  { path: '/freezes', word: 'app.freezes', permission: 'freezes.read', key: 'f' },
  { path: '/audit', word: 'app.audit', permission: 'audit.read', key: 'j' },
];
