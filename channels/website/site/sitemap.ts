/** sitemaps.org: an index over chunks that count from the oldest article, so that full ones change no more. */
import { changedAt, type Entry } from './catalog.js';
import { articleAddress, type Site } from './look.js';
import { xml } from './xml.js';

const perChunk = 1_000;

export function chunks(count: number): number {
  return Math.max(1, Math.ceil(count / perChunk));
}

export function chunkAt(place: number): number {
  return Math.floor(place / perChunk) + 1;
}

export function sitemapChunk(site: Site, list: readonly Entry[], n: number): string {
  const lines = chunkOf(list, n).map(
    (entry) => `<url><loc>${xml(articleAddress(site, entry.id))}</loc><lastmod>${changedAt(entry)}</lastmod></url>\n`,
  );
  // A chunk may not be empty: the first names the home page.
  const home = n === 1 ? `<url><loc>${xml(`${site.address}/`)}</loc></url>\n` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${home}${lines.join('')}</urlset>\n`;
}

export function sitemapIndex(site: Site, list: readonly Entry[]): string {
  const lines = Array.from({ length: chunks(list.length) }, (_, index) => {
    const last = chunkOf(list, index + 1).reduce(
      (latest, entry) => (changedAt(entry) > latest ? changedAt(entry) : latest),
      '',
    );
    return `<sitemap><loc>${xml(`${site.address}/sitemaps/${index + 1}.xml`)}</loc>${last && `<lastmod>${last}</lastmod>`}</sitemap>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${lines.join('')}</sitemapindex>\n`;
}

function chunkOf(list: readonly Entry[], n: number): readonly Entry[] {
  return list.slice((n - 1) * perChunk, n * perChunk);
}
