/** Names that stand on both sides of the HTTP face. */
export const reasons = ['hand', 'unknown', 'action'] as const;
export const calloutStates = ['calling', 'answered', 'over'] as const;
export const messageStates = ['queued', 'sending', 'accepted', 'failed', 'unknown', 'withdrawn'] as const;
export const calloutHappenings = [
  'made',
  'called',
  'skipped',
  'exhausted',
  'accepted',
  'failed',
  'unknown',
  'opened',
  'receipt',
  'late',
  'answered',
  'over',
  'withdrawn',
] as const;
