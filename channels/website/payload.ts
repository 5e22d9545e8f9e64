/** What a rendition hands to publishing. */
import type { Emergency } from '../emergency.js';
import type { Attachment, Change, Kind, Picture, PolicyHeader } from '../channel.js';
import type { Heading } from './body.js';

export interface WebsitePayload {
  release: string;
  revision: string;
  change?: Change;
  kind: Kind;
  language: string;
  title: string;
  summary: string;
  /** Pictures as `media:HASH`. */
  body: string;
  /** The whole content for a site with its own markup: document header, body, links to attachments (`href="media:HASH"`). */
  bare: string;
  toc: Heading[];
  author?: string;
  source: string;
  columns: string[];
  keywords: string[];
  cover?: string;
  /** Those on the page, and the cover. */
  pictures: Picture[];
  attachments: Attachment[];
  policy?: PolicyHeader;
  /** With when it was signed, which is when it was sent. */
  warning?: Emergency & { sent: string };
  interprets?: string[];
  interpretations?: string[];
}
