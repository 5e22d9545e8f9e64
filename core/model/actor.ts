import type { Role } from './roles.js';

/** Who acts, and from where: a person in a session, or a key of theirs. */
export interface Actor {
  person: string;
  /** No person acts but a part of the hub, and `person` is its name. */
  process?: true | undefined;
  /** Id of the key that a program acted with. */
  key?: string | undefined;
  /** The role that let them. */
  role?: Role | undefined;
  from?: { ip: string; agent: string } | undefined;
}
