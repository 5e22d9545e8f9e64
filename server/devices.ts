/** Browsers in which a person has signed in before, known by a cookie: only whoever knew the password once has it. */
import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Services } from './services.js';
import { cookieIn } from './rising.js';

const name = 'lianfa-device';
/** Milliseconds. */
const life = 180 * 24 * 3600 * 1000;

export function devicesOf({ vault, config }: Pick<Services, 'vault' | 'config'>) {
  const markOf = (person: string, device: string): string => vault.mark('device', [person, device]);
  return {
    /** Undefined where the browser is new to the person. */
    known(request: Request, person: string | undefined): string | undefined {
      const [device = '', mark] = (cookieIn(request, name) ?? '').split('.');
      return person !== undefined && mark !== undefined && mark === markOf(person, device) ? device : undefined;
    },
    remember(request: Request, response: Response, person: string): void {
      const device = this.known(request, person) ?? randomBytes(12).toString('base64url');
      response.cookie(name, `${device}.${markOf(person, device)}`, {
        httpOnly: true,
        sameSite: 'strict',
        secure: config.url.startsWith('https:'),
        path: '/',
        maxAge: life,
      });
    },
  };
}
