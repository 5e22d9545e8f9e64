import type { Said } from '../../channels/channel.js';

const units = {
  parts: { zh: '个部分', en: 'parts' },
  bytes: { zh: '字节（解压后）', en: 'bytes unpacked' },
  elements: { zh: '个元素', en: 'elements' },
  paragraphs: { zh: '个段落', en: 'paragraphs' },
  depth: { zh: '层嵌套', en: 'levels of nesting' },
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
