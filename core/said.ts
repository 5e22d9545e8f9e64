/** A sentence for people, in the two languages of the interface, where it crosses a border. */
import { z } from 'zod';

export const said = z.object({ zh: z.string(), en: z.string() });
