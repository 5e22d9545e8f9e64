/** A stretch of text being read (the body, a note, a text box): what came of it so far, and where we are in it. */
import { Fields, type Ended } from './fields.js';
import type { Losses } from './losses.js';
import type { Block, Inline, Marks } from './model.js';
import type { Numbering } from './numbering.js';
import type { Notes } from './notes.js';
import type { Relations } from './package.js';
import type { Pictures } from './pictures.js';
import type { Style, Styles } from './styles.js';
import type { XmlElement } from './xml.js';

/** What all stretches of one document share. */
export interface Source {
  styles: Styles;
  numbering: Numbering;
  losses: Losses;
  pictures: Pictures;
  notes: Notes;
  /** Reads a file that is inserted here; given, as files hold blocks and blocks hold files. */
  readInserted: ReadBlocks;
}

export type ReadBlocks = (story: Story, parent: XmlElement, into: Block[]) => void;

export class Story {
  readonly fields = new Fields();
  /** Of the paragraph being read. */
  inlines: Inline[] = [];
  /** What stands beside the paragraph being read and comes after it. */
  boxes: Block[] = [];
  /** A first letter set over several lines; it is a paragraph of its own, before the one that it begins. */
  initial: Inline[] = [];
  paragraphStyle: Style | undefined;
  /** What the tabs of the paragraph are filled with, one after the other. */
  leaders: string[] = [];
  tableStyle: Style | undefined;
  /** What is behind the words; undefined on white paper. */
  ground: string | undefined;
  inCell = false;
  /** Address of the link being read. */
  href: string | undefined;
  /** Inside a check box: its state, until it has been written. */
  check: { state: string } | undefined;
  /** Inside a control that nobody has filled in: its prompt. */
  prompt: string[] | undefined;
  /** How the words of the paragraph look so far: half-points of the largest, whether all are red. */
  faces: { size: number; red: boolean } | undefined;
  /** Something hidden was passed over in this paragraph. */
  passedHidden = false;

  readonly source: Source;
  readonly relations: Relations;
  /** Marks of fields that are to be taken as not there. */
  readonly looseMarks: ReadonlySet<XmlElement>;
  /** Reads blocks inside; given, as text boxes hold blocks and blocks hold text boxes. */
  readonly readBlocks: ReadBlocks;

  constructor(source: Source, relations: Relations, looseMarks: ReadonlySet<XmlElement>, read: ReadBlocks) {
    this.source = source;
    this.relations = relations;
    this.looseMarks = looseMarks;
    this.readBlocks = read;
  }

  get losses(): Losses {
    return this.source.losses;
  }

  /** Nothing that is read now is printed. */
  get muted(): boolean {
    return this.fields.inCode || this.fields.inLeft;
  }

  /** A stretch inside this one, such as a text box. */
  inner(): Story {
    const story = new Story(this.source, this.relations, this.looseMarks, this.readBlocks);
    story.tableStyle = this.tableStyle;
    // A box may be filled with any colour: nothing in it counts as white on white.
    story.ground = 'unknown';
    return story;
  }

  text(text: string, marks: Marks = {}): void {
    if (text === '' || !this.#prints(text)) return;
    if (this.check) {
      const { state } = this.check;
      this.check.state = '';
      this.#add(state, marks);
      return;
    }
    this.#add(text, marks);
  }

  #add(text: string, marks: Marks): void {
    if (text === '') return;
    this.losses.heard(text);
    const href = this.href ?? this.fields.href;
    const whole: Marks = href === undefined ? marks : { ...marks, underline: false, href };
    const last = this.inlines.at(-1);
    if (last?.kind === 'text' && sameMarks(last.marks, whole)) last.text += text;
    else this.inlines.push({ kind: 'text', text, marks: whole });
  }

  put(inline: Inline, words = ''): void {
    if (!this.#prints(words)) return;
    this.losses.heard(words);
    this.inlines.push(inline);
  }

  #prints(words: string): boolean {
    if (this.fields.inLeft) return false;
    if (this.prompt) {
      this.prompt.push(words);
      return false;
    }
    this.fields.heard(words);
    return !this.fields.inCode;
  }

  /** What comes of a field that has just ended. */
  ended(ended: Ended, marks: Marks): void {
    switch (ended.kind) {
      case 'nothing':
        return;
      case 'text':
        this.text(ended.text, marks);
        return;
      case 'ruby':
        this.put({ kind: 'ruby', base: ended.base, over: ended.over, marks }, ended.base);
        return;
      case 'formula':
        this.text(ended.text, marks);
        this.losses.tell('wordFormula', ended.text);
        return;
      case 'empty':
        this.losses.tell('wordField', ended.name);
        return;
      case 'date':
        this.losses.tell('wordDate', ended.name);
        return;
      case 'merge':
        this.losses.tell('wordMerge', ended.name);
        return;
      case 'broken':
        this.losses.tell('wordReference', ended.name);
    }
  }
}

export function sameMarks(one: Marks, other: Marks): boolean {
  return (
    (one.bold ?? false) === (other.bold ?? false) &&
    (one.italic ?? false) === (other.italic ?? false) &&
    (one.underline ?? false) === (other.underline ?? false) &&
    (one.strike ?? false) === (other.strike ?? false) &&
    one.script === other.script &&
    one.href === other.href
  );
}
