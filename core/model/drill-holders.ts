/** Which units a scenario of the library asks to hold it: its own, those directly below, or its own and all below. */
export const holders = ['own', 'below', 'all'] as const;
export type Holders = (typeof holders)[number];
