/** What a picture in the text of an article may be. */
import type { PictureRule } from '../channel.js';

/** uploadimg: JPEG or PNG under 1 MB, so that a strip of words goes in pieces. */
export const inlineRule: PictureRule = {
  maxBytes: 1_000_000,
  maxEdge: 1_280,
  pieceHeight: 2_400,
  formats: ['jpeg', 'png'],
};
