/** What mongoose expects of a cursor: everything at once, or one by one. */
import type { Document } from './values.js';

export class EmbeddedCursor {
  readonly #pages: AsyncGenerator<Document[]>;
  #page: Document[] = [];
  #at = 0;
  closed = false;

  constructor(pages: AsyncGenerator<Document[]>) {
    this.#pages = pages;
  }

  async next(): Promise<Document | null> {
    while (this.#at >= this.#page.length) {
      const { value, done } = await this.#pages.next();
      if (done === true || this.closed) return null;
      this.#page = value;
      this.#at = 0;
    }
    return this.#page[this.#at++] ?? null;
  }

  async toArray(): Promise<Document[]> {
    const all = this.#page.slice(this.#at);
    for await (const page of this.#pages) for (const document of page) all.push(document);
    this.#page = [];
    return all;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Document> {
    for (let document = await this.next(); document !== null; document = await this.next()) yield document;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.#pages.return(undefined);
  }
}
