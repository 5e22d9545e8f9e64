/** What a document may hold: counted through over its parts and over every file inserted in it. */
import type { Said } from '../../channels/channel.js';

const units = {
  parts: { zh: '个部分', en: 'parts' },
  bytes: { zh: '字节（解压后）', en: 'bytes unpacked' },
  elements: { zh: '个元素', en: 'elements' },
  paragraphs: { zh: '个段落', en: 'paragraphs' },
  depth: { zh: '层嵌套', en: 'levels of nesting' },
  inserted: { zh: '个插入的文件', en: 'inserted files' },
  within: { zh: '层互相插入的文件', en: 'levels of files inserted in one another' },
} satisfies Record<string, Said>;

/** A document holds more of something than a reader takes on. */
export class DocumentTooLarge extends Error {
  readonly limit: Said;

  constructor(unit: keyof typeof units, most: number) {
    super(`more than ${most} ${units[unit].en}`);
    const count = most.toLocaleString('en-US');
    this.limit = { zh: `${count} ${units[unit].zh}`, en: `${count} ${units[unit].en}` };
  }
}

const most = {
  parts: 2_000,
  /** Unpacked; a long illustrated document has a few dozen MB. */
  bytes: 120 * 1024 * 1024,
  elements: 2_000_000,
  paragraphs: 60_000,
  inserted: 100,
} satisfies Partial<Record<keyof typeof units, number>>;

export class Tally {
  readonly #counts = { parts: 0, bytes: 0, elements: 0, paragraphs: 0, inserted: 0 };

  /** @throws DocumentTooLarge where this is more than one document may hold in all */
  add(unit: keyof typeof most, count = 1): void {
    this.#counts[unit] += count;
    if (this.#counts[unit] > most[unit]) throw new DocumentTooLarge(unit, most[unit]);
  }
}
