/** Whoever's account is changed is told: every act of the book on a person is told to them, or stands here with the reason why not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toldActs } from '../core/notices/told-acts.js';

const quiet: Readonly<Record<string, string>> = {
  'session.open': 'they do it, and it stands in their own record of sign-ins',
  'session.first-step': 'as above',
  'session.code': 'as above',
  'session.close': 'as above',
  'account.factor-begin': 'nothing has changed yet',
  'account.save': 'of an account on a channel',
  'account.check': 'of an account on a channel',
  'account.move': 'of an account on a channel',
  'account.disable': 'of an account on a channel',
  'account.enable': 'of an account on a channel',
  'person.invite': 'they read the invitation itself',
  'person.disable': 'they cannot sign in to read it',
  'person.remove': 'they cannot sign in to read it',
  'person.erase': 'there is nobody any more',
  'identity.ask': 'nobody knows yet whose it is',
  'identity.refuse': 'it is nobody’s',
};

it('tells every act on a person to that person, or says why not, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../dashboard/audit/acts.ts'), 'utf8');
  const acts = [...text.matchAll(/'((?:account|person|identity|session)\.[a-z-]+)'/g)].map(([, act = '']) => act);
  expect(acts.length).toBeGreaterThan(30);
  expect([...Object.keys(toldActs), ...Object.keys(quiet)].sort()).toEqual(acts.sort());
});
