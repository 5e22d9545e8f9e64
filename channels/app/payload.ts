/** What the app channel's rendition carries from rendering to publishing. */
import type { Attachment, Kind, PolicyHeader } from '../channel.js';

/** Plain JSON: it may travel between processes. Nothing here depends on the account. */
export interface AppPayload {
  kind: Kind;
  language: string;
  title: string;
  summary: string;
  source: string;
  author?: string | undefined;
  columns: string[];
  keywords: string[];
  /** Media still named `media:HASH`. */
  body: string;
  media: string[];
  cover?: string | undefined;
  attachments: Attachment[];
  policy?: PolicyHeader | undefined;
  notice: Notice;
}

/** What the notification says, before it is fitted into each platform's bytes. */
export interface Notice {
  title: string;
  text: string;
  /** Shown when the notification is opened out; absent where `text` says it all. */
  long?: string | undefined;
  urgent: boolean;
}
