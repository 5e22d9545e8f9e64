/** What an admin does to a person by the one dialog. */
export type PersonChange = 'edit' | 'move' | 'disable' | 'remove' | 'erase' | 'factor';
