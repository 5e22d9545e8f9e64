/** The audience of a draft, kept in this browser: the hub knows it only once it is ordered. */
import type { Audience, Exception, Lane } from '../api';

export interface KeptAudience {
  audience: Required<Audience>;
  lane: Lane;
}

const nameOf = (release: string | undefined): string => `audience:${release ?? 'new'}`;
/** A draft without an id is this tab's own; a saved one may be taken up again tomorrow. */
const storeOf = (release: string | undefined): Storage => (release === undefined ? sessionStorage : localStorage);

export function keepAudience(release: string | undefined, kept: KeptAudience): void {
  try {
    storeOf(release).setItem(nameOf(release), JSON.stringify(kept));
  } catch (error) {
    // A full or forbidden store costs only this convenience.
    console.warn(error);
  }
}

export function forgetAudience(release: string | undefined): void {
  storeOf(release).removeItem(nameOf(release));
}

export function keptAudience(release: string | undefined): KeptAudience | undefined {
  try {
    const kept: unknown = JSON.parse(storeOf(release).getItem(nameOf(release)) ?? 'null');
    if (
      typeof kept !== 'object' ||
      kept === null ||
      !('audience' in kept) ||
      typeof kept.audience !== 'object' ||
      kept.audience === null
    )
      return undefined;
    const { audience } = kept;
    const list = (name: Exclude<keyof Audience, 'except'>): string[] => {
      const value = (audience as Record<string, unknown>)[name];
      return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
    };
    return {
      audience: {
        channels: list('channels'),
        organizations: list('organizations'),
        regions: list('regions'),
        tags: list('tags'),
        polygons: list('polygons'),
        circles: list('circles'),
        except: exceptionsIn(audience),
      },
      lane: 'lane' in kept && kept.lane === 'emergency' ? 'emergency' : 'routine',
    };
  } catch (error) {
    console.warn(error);
    return undefined;
  }
}

function exceptionsIn(audience: object): Exception[] {
  const kept: unknown = 'except' in audience ? audience.except : [];
  return (Array.isArray(kept) ? kept : []).flatMap((one: unknown): Exception[] => {
    if (typeof one !== 'object' || one === null || !('reason' in one) || typeof one.reason !== 'string') return [];
    const ids: unknown = 'organizations' in one ? one.organizations : [];
    const organizations = (Array.isArray(ids) ? ids : []).filter((id) => typeof id === 'string');
    return [{ organizations, reason: one.reason }];
  });
}
