/** A database of its own on the MongoDB that MONGODB_URI names; nothing where it names none. Files and hubs run side by side. */
import { randomBytes } from 'node:crypto';

export function ownDatabase(server = process.env['MONGODB_URI']): string | undefined {
  if (!server) return undefined;
  const address = new URL(server);
  address.pathname = `/lianfa_test_${randomBytes(6).toString('hex')}`;
  return address.href;
}
