/** The mark by which a step's own post is known again: a parameter of its link, the same for every attempt. */
import { hash } from 'node:crypto';

const name = 'lf';
const digits = 16;

/** As long as any marker, for counting. */
export const markerRoom = `?${name}=${'0'.repeat(digits)}`;

export function markerOf(key: string): string {
  return `${name}=${hash('sha256', key, 'hex').slice(0, digits)}`;
}

export function withMarker(link: string, key: string): string {
  return `${link}${link.includes('?') ? '&' : '?'}${markerOf(key)}`;
}
