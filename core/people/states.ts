/** What a list of people can be narrowed to. `asked`: a role of theirs waits for a second admin. */
export const personStates = ['active', 'invited', 'disabled', 'asked'] as const;
export type PersonState = (typeof personStates)[number];
