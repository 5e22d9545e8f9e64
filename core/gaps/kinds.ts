/** Every kind of gap, in the order in which people read them: what is reached least comes first. */
import { deadCredential } from './dead-credential.js';
import { endingCredential } from './ending-credential.js';
import type { GapKind } from './gap.js';
import { noAccount } from './no-account.js';
import { noDuty } from './no-duty.js';
import { noPlace } from './no-place.js';
import { noPosition } from './no-position.js';
import { notStaged } from './not-staged.js';
import { silent } from './silent.js';
import { switchedOff } from './switched-off.js';
import { unknownCode } from './unknown-code.js';

export const gapKinds: readonly GapKind[] = [
  unknownCode,
  noPlace,
  noPosition,
  noAccount,
  switchedOff,
  deadCredential,
  endingCredential,
  notStaged,
  noDuty,
  silent,
];
