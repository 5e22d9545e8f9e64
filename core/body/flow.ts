/** What stands in one place of a body, one after the other: runs of words become paragraphs, blocks stay blocks. */
import type { Element, Node } from './nodes.js';

/** An element around words: bold, a link, raised. The same object, not an equal one, is the same mark. */
export interface Mark {
  name: string;
  attributes: Readonly<Record<string, string>>;
}

/** A piece of a line, with the marks around it from the outside in. */
export interface Leaf {
  node: Node;
  marks: readonly Mark[];
}

/** What becomes of a run of words: an element, or nothing around it, as in a cell or an item of a list. */
export type Shape = Mark | 'loose';

/** A paragraph that a division asks for: it dissolves where it is all that a cell or an item holds. */
export const softParagraph: Mark = { name: 'p', attributes: {} };

export class Flow {
  readonly #nodes: Node[] = [];
  #run: Leaf[] = [];
  #blocks = 0;
  /** The only block, as long as it is a soft paragraph. */
  #soft: Leaf[] | undefined;
  /** The last that came in was a run without an element around it. */
  #loose = false;
  shape: Shape;

  constructor(shape: Shape) {
    this.shape = shape;
  }

  add(node: Node, marks: readonly Mark[]): void {
    const last = this.#run.at(-1);
    if (last && typeof node === 'string' && typeof last.node === 'string' && sameMarks(last.marks, marks))
      last.node += node;
    else this.#run.push({ node, marks });
  }

  block(element: Element): void {
    this.close();
    this.#put(element);
  }

  /** Ends the run of words. */
  close(): void {
    const run = this.#run;
    this.#run = [];
    if (run.length === 0) return;
    if (run.every(isBlank)) {
      const space = run.map(({ node }) => (typeof node === 'string' ? node : '')).join('');
      if (/^[ \t\n]+$/.test(space)) this.#nodes.push(space);
      return;
    }
    if (this.shape === 'loose') {
      // What ended the run before was a block with nothing in it; it parts the words all the same.
      if (this.#loose) this.#nodes.push({ name: 'br', attributes: {}, children: [] });
      this.#nodes.push(...nest(joined(run)));
      this.#blocks += 1;
      this.#soft = undefined;
      this.#loose = true;
      return;
    }
    const leaves =
      this.shape.name === 'pre' ? trimmedLines(run) : joined(this.shape === softParagraph ? trimmed(run) : run);
    this.#put({ name: this.shape.name, attributes: this.shape.attributes, children: nest(leaves) });
    if (this.shape === softParagraph && this.#blocks === 1) this.#soft = leaves;
  }

  /** Whether nothing with words or pictures has come in. */
  get empty(): boolean {
    return this.#blocks === 0 && this.#run.every(isBlank);
  }

  get endsLine(): boolean {
    const last = this.#run.at(-1)?.node;
    return last === undefined || (typeof last === 'string' && last.endsWith('\n'));
  }

  /** All of it; `dissolve` where a single soft paragraph may stand without its element. */
  nodes(dissolve = false): Node[] {
    this.close();
    return dissolve && this.#blocks === 1 && this.#soft ? nest(this.#soft) : this.#nodes;
  }

  #put(element: Element): void {
    this.#nodes.push(element);
    this.#blocks += 1;
    this.#soft = undefined;
    this.#loose = false;
  }
}

function sameMarks(one: readonly Mark[], other: readonly Mark[]): boolean {
  return one.length === other.length && one.every((mark, n) => mark === other[n]);
}

/** Leaves side by side under the same mark share its element. */
function nest(leaves: readonly Leaf[]): Node[] {
  const top: Node[] = [];
  let open: { mark: Mark; element: Element }[] = [];
  for (const { node, marks } of leaves) {
    if (node === '') continue;
    let shared = 0;
    while (shared < open.length && open[shared]?.mark === marks[shared]) shared += 1;
    open = open.slice(0, shared);
    for (const mark of marks.slice(shared)) {
      const element: Element = { name: mark.name, attributes: mark.attributes, children: [] };
      (open.at(-1)?.element.children ?? top).push(element);
      open.push({ mark, element });
    }
    const siblings = open.at(-1)?.element.children ?? top;
    siblings.push(typeof node === 'string' ? node.normalize('NFC') : node);
  }
  return top;
}

/** A line broken between two Chinese characters, as editors wrap source text: browsers would show a blank there. */
const brokenLine =
  /(?<=[\p{Script=Han}，。、；：？！）》」』”’】〕])[ \t]*\n[ \t]*(?=[\p{Script=Han}，。、；：？！）（《「『“‘【〔])/gu;

function joined(run: readonly Leaf[]): Leaf[] {
  return run.map((leaf, n) => {
    if (typeof leaf.node !== 'string' || !leaf.node.includes('\n')) return leaf;
    const [before, after] = [run[n - 1]?.node, run[n + 1]?.node].map((node) => (typeof node === 'string' ? node : ''));
    const [last = '', first = ''] = [[...(before ?? '').slice(-2)].at(-1), [...(after ?? '').slice(0, 2)][0]];
    const line = `${last}${leaf.node.normalize('NFC')}${first}`.replace(brokenLine, '');
    return { ...leaf, node: line.slice(last.length, line.length - first.length) };
  });
}

function isBlank({ node }: Leaf): boolean {
  return typeof node === 'string' ? /^[\s\u00a0\u200b\u3000]*$/.test(node) : node.name === 'br';
}

function trimmed(run: readonly Leaf[]): Leaf[] {
  return trimEnds(run, /^[ \t\n]+/, /[ \t\n]+$/);
}

/** A line break right behind `<pre>` is not read, so none may stand there. */
function trimmedLines(run: readonly Leaf[]): Leaf[] {
  return trimEnds(run, /^\n+/, /\s+$/);
}

function trimEnds(run: readonly Leaf[], start: RegExp, end: RegExp): Leaf[] {
  const leaves = run.map((leaf) => ({ ...leaf }));
  for (const leaf of leaves) {
    if (typeof leaf.node === 'string') leaf.node = leaf.node.replace(start, '');
    if (leaf.node !== '') break;
  }
  for (const leaf of leaves.reverse()) {
    if (typeof leaf.node === 'string') leaf.node = leaf.node.replace(end, '');
    if (leaf.node !== '') break;
  }
  return leaves.reverse();
}
