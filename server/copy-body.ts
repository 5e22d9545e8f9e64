import type { z } from 'zod';
import type { HandCopy } from '../core/placements/hand-copy.js';
import type { handCopy } from './contract/callouts.js';

export function copyBody({ parts, old, overSince }: HandCopy): z.input<typeof handCopy> {
  return { parts: [...parts], old, ...(overSince && { overSince: overSince.toISOString() }) };
}
