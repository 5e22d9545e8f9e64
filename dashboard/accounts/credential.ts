import type { AccountBody } from '../api';

/** Days before the end from which the page asks for a new credential; an ordinary Weibo app gives seven in all. */
const soonDays = 3;

export function endsSoon({ state, daysLeft }: AccountBody['credential']): boolean {
  return state === 'ok' && daysLeft !== undefined && daysLeft <= soonDays;
}
