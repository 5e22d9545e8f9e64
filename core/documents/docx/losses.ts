import type { LossKind, Lost as Counted } from '../../body/dropped.js';
import type { Lost } from './model.js';

/** Letters of the words beside which a loss stood. */
const placeLength = 18;
/** Beyond this, a hostile document only grows the answer; kinds and names seen until then are told with their count so far. */
const mostLosses = 20_000;

/** What was lost, each with the words that were read just before it. */
export class Losses {
  readonly list: Lost[] = [];
  #line = '';
  #before = '';

  heard(text: string): void {
    this.#line = (this.#line + text).slice(-placeLength * 2);
  }

  /** A new paragraph begins: its own words say best where we are, else those before it. */
  nextLine(): void {
    if (this.#line.trim() !== '') this.#before = this.#line;
    this.#line = '';
  }

  tell(kind: LossKind, name = ''): void {
    const here = (this.#line.trim() === '' ? this.#before : this.#line).replace(/\s+/g, ' ').trim();
    this.#add(kind, name, [...here].slice(-placeLength).join(''));
  }

  /** Of something that stands beside no words of the text: a page header, a property of the file. */
  tellOutside(kind: LossKind, name = ''): void {
    this.#add(kind, name, '');
  }

  /** What was left out of an inserted file, and the words with which that file ended. */
  take(counted: readonly Counted[], words: string): void {
    for (const { kind, name, count, places } of counted)
      for (let n = 0; n < count && this.list.length < mostLosses; n += 1) this.#add(kind, name, places[n] ?? '');
    this.nextLine();
    this.heard(words);
  }

  #add(kind: LossKind, name: string, at: string): void {
    if (this.list.length < mostLosses) this.list.push({ kind, name: clean(name), at });
  }
}

function clean(name: string): string {
  return name.replace(/\s+/g, ' ').trim().slice(0, 120);
}
