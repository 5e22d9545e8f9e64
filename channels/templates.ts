/** Handlebars templates, one folder a channel under templates/. Compiled once; missing values are errors, so a typo cannot publish an empty line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

const folder = join(import.meta.dirname, '..', 'templates');

/**
 * Compiles `templates/<channel>/<name>.hbs`; `partials` are further files of the same folder, by name. Values are
 * escaped unless the template says `{{{…}}}`, which only canonical (already clean) HTML may use.
 */
export function loadTemplate<T>(
  channel: string,
  name: string,
  partials: readonly string[] = [],
): (values: T) => string {
  const own = Handlebars.create();
  const read = (file: string) => readFileSync(join(folder, channel, `${file}.hbs`), 'utf8');
  for (const partial of partials) own.registerPartial(partial, read(partial));
  return own.compile<T>(read(name), { strict: true, preventIndent: true });
}
