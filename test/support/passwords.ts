/** A password is dear to check on purpose; some thousand sign-ins of the tests need not pay that. */
import { cost } from '../../core/people/passwords.js';

cost.memoryCost = 64;
cost.timeCost = 1;
