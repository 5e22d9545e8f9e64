/** What is done to long texts beside the event loop. */
import { blocksOf } from '../body/blocks.js';
import { plainText } from '../body/canonical.js';
import type { Anchor } from '../model/comment.js';
import { taskOf } from '../threads/task.js';
import { spotOf, type Spot } from './anchors.js';
import { differences, type Difference } from './words.js';

/** Texts as HTML, or as plain lines. */
export interface Two {
  from: string;
  to: string;
  html: boolean;
}

export const tasks = {
  blocks: taskOf(import.meta.filename, 'blocks', (html: string): string[] => blocksOf(html)),
  spots: taskOf(import.meta.filename, 'spots', ({ body, anchors }: { body: string; anchors: Anchor[] }): Spot[] => {
    const blocks = blocksOf(body);
    return anchors.map((anchor) => spotOf(blocks, anchor));
  }),
  compare: taskOf(import.meta.filename, 'compare', ({ from, to, html }: Two): Difference[] => {
    const lines = (text: string): string[] => (html ? plainText(text) : text).split('\n');
    return differences(lines(from), lines(to));
  }),
};
