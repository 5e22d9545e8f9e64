import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ReleaseContent } from '../channel.js';
import { chartHash, pictureHash, profile, samples, specimen } from './fixtures/samples.js';
import { render } from './rendition.js';

const codesOf = (release: ReleaseContent, settings = {}) => render(release, { ...profile, settings: { ...profile.settings, ...settings } }).warnings.map(({ code }) => code);

describe('golden renditions', () => {
  // Reviewed files. After a wanted change: delete the file, run this test, look at it in a browser, commit it.
  it.each(Object.keys(samples))('renders %s as reviewed', (name) => {
    const file = join(__dirname, 'fixtures', 'golden', `${name}.html`);
    const { preview } = render(samples[name] ?? specimen(), profile);
    if (!existsSync(file) && process.env['CI'] === undefined) writeFileSync(file, preview);
    expect(preview).toBe(readFileSync(file, 'utf8'));
  });
});
