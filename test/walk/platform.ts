/** The platform: what arrives becomes public, or stops being so. */
import type { Stands } from '../../core/model/placement.js';
import type { Scenario } from './scenarios.js';
import { idOf, placeOf, there, type Platform, type Post, type Request } from './state.js';
import { faults } from './world.js';

export interface Landed {
  platform: Platform;
  /** Where the text is now. */
  id: string;
  /** What must not happen. */
  fault: string | undefined;
  /** The public sees something else than before. */
  changed: boolean;
}

/** `request` arrives. */
export function landed(platform: Platform, request: Request, { kind, reviews }: Scenario): Landed {
  if (request.does === 'withdraw') return withdrawn(platform, request.id);
  const { posts } = platform;
  const { seq, revision } = request;
  const seen = kind === 'once' ? posts.findIndex((post) => post.seq === seq) : -1;
  if (seen >= 0) return { platform, id: idOf(seen), fault: undefined, changed: false };
  const old = posts.some((post) => post.seq > seq);
  const post: Post = reviews ? { seq, revision, live: false, pending: true } : { seq, revision, live: true };
  if (request.does === 'update') {
    const next = posts.map((each, place) => (idOf(place) === request.id ? post : each));
    const before = posts[placeOf(request.id)];
    const same = before?.live === true && before.revision === revision;
    const fault = old ? faults.oldLanded : undefined;
    return { platform: { ...platform, posts: next }, id: request.id, fault, changed: !same };
  }
  const twice = there(platform).some((each) => each.post.revision === revision);
  return {
    platform: { ...platform, posts: [...posts, post] },
    id: idOf(posts.length),
    fault: old ? faults.oldLanded : twice ? faults.twice : undefined,
    changed: true,
  };
}

function withdrawn(platform: Platform, id: string): Landed {
  const posts = platform.posts.map((post, place) =>
    idOf(place) === id ? { seq: post.seq, revision: post.revision, live: false } : post,
  );
  const changed = platform.posts[placeOf(id)]?.live === true;
  return { platform: { ...platform, posts }, id, fault: undefined, changed };
}

/** The same, but what goes with the text is refused. */
export function inPart({ posts, ...rest }: Platform, id: string): Platform {
  return { ...rest, posts: posts.map((post, place) => (idOf(place) === id ? { ...post, owed: true } : post)) };
}

/** The review of what was taken ends. */
export function reviewed({ posts, ...rest }: Platform, id: string, live: boolean): Platform {
  const after = ({ seq, revision }: Post): Post => ({ seq, revision, live });
  return { ...rest, posts: posts.map((post, place) => (idOf(place) === id ? after(post) : post)) };
}

export function standsAs(id: string, { seq, revision, pending }: Omit<Post, 'live'>): Stands {
  return { seq, revision, remote: { id }, seen: pending ? 'accepted' : 'published' };
}
