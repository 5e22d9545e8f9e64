/** Refuses for want of a permission, naming the roles that have it. */
import { LianfaError } from '../errors.js';
import { permissions, roleNames, type Permission } from '../model/roles.js';

export function forbidden(permission: Permission): LianfaError {
  const named = permissions[permission].map((role) => roleNames[role]);
  const list = (language: 'zh' | 'en', between: string): string => named.map((name) => name[language]).join(between);
  return new LianfaError('forbidden', { roles: { zh: list('zh', '、'), en: list('en', ', ') } });
}
