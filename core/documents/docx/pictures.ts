/** Pictures that the text shows, each part once. */

const mostPictures = 200;

export class Pictures {
  readonly #parts = new Map<string, number>();
  /** What each is called in a sentence. */
  readonly labels: string[] = [];

  /** Its number, undefined where there are too many. */
  add(part: string, label: string): number | undefined {
    const known = this.#parts.get(part);
    if (known !== undefined) return known;
    if (this.#parts.size >= mostPictures) return undefined;
    this.labels.push(label);
    this.#parts.set(part, this.labels.length - 1);
    return this.labels.length - 1;
  }

  get parts(): string[] {
    return [...this.#parts.keys()];
  }
}
