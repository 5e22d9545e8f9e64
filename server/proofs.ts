/** The password once more, right before it counts. Trying is bounded as with signing in: it is the same secret. */
import { LianfaError } from '../core/errors.js';
import { prove, type Proven } from '../core/reviews/proof.js';
import type { Caller } from './endpoint.js';
import type { Services } from './services.js';
import { signInLimits } from './sign-in-limits.js';

export function proofLimits({
  store,
  vault,
  redis,
  config,
}: Pick<Services, 'store' | 'vault' | 'redis' | 'config'>): (
  caller: Caller,
  password: string,
  address: string,
) => Promise<Proven> {
  const limits = signInLimits(redis, config.redisPrefix);
  return async ({ _id, name, actor }, password, address) => {
    // A key proves nothing about who holds it.
    if (actor.key !== undefined) throw new LianfaError('proof_failed', { field: 'password' });
    await limits.count(name, address);
    const proven = await prove({ store, vault }, _id, password);
    await limits.forgive(name);
    return proven;
  };
}
