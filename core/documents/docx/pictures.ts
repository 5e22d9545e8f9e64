/** Pictures that the text shows: one list over a document and every document inserted in it, each part once. */
import type { Package } from './package.js';

const mostPictures = 200;

export interface Shown {
  file: Package;
  part: string;
  /** What it is called in a sentence. */
  label: string;
}

/** Of one file. */
export class Pictures {
  readonly #numbers = new Map<string, number>();
  readonly #file: Package;
  readonly #shown: Shown[];

  constructor(file: Package, shown: Shown[]) {
    this.#file = file;
    this.#shown = shown;
  }

  /** Its number, undefined where there are too many. */
  add(part: string, label: string): number | undefined {
    const known = this.#numbers.get(part);
    if (known !== undefined) return known;
    if (this.#shown.length >= mostPictures) return undefined;
    const number = this.#shown.push({ file: this.#file, part, label }) - 1;
    this.#numbers.set(part, number);
    return number;
  }
}
