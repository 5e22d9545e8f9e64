/** What a Word document says, before it becomes HTML: plain data. */
import type { LossKind } from '../../body/dropped.js';
import type { PrintedNumber } from './numbering.js';

export interface Marks {
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  script?: 'sup' | 'sub' | undefined;
  href?: string | undefined;
}

export type Inline =
  | { kind: 'text'; text: string; marks: Marks }
  | { kind: 'tab'; leader: string }
  | { kind: 'break' }
  | { kind: 'picture'; picture: number; alt: string; href?: string | undefined }
  | { kind: 'ruby'; base: string; over: string; marks: Marks }
  | { kind: 'note'; mark: string };

export interface Paragraph {
  kind: 'paragraph';
  /** The style's name, in small letters. */
  style: string;
  /** 1 to 9. */
  heading: number | undefined;
  align: 'left' | 'center' | 'right';
  number: PrintedNumber | undefined;
  inlines: Inline[];
  /** Half-points of its largest letters. */
  size: number;
  /** All its words in red, as letterheads are. */
  red: boolean;
  /** All its words in bold. */
  bold: boolean;
}

/** Words without a look of their own. */
export function plainParagraph(inlines: Inline[]): Paragraph {
  return {
    kind: 'paragraph',
    style: '',
    heading: undefined,
    align: 'left',
    number: undefined,
    inlines,
    size: 0,
    red: false,
    bold: false,
  };
}

export interface Cell {
  colspan: number;
  rowspan: number;
  blocks: Block[];
}

export interface Table {
  kind: 'table';
  caption: Inline[] | undefined;
  rows: { header: boolean; cells: Cell[] }[];
}

export type Block =
  | Paragraph
  | Table
  | { kind: 'rule' }
  /** Of an inserted file: canonical HTML already. */
  | { kind: 'html'; html: string };

/** One thing lost, as `DroppedList.tell` takes it. */
export interface Lost {
  kind: LossKind;
  name: string;
  at: string;
}

export const wordsOf = (inlines: readonly Inline[]): string =>
  inlines
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
          return inline.text;
        case 'ruby':
          return inline.base;
        case 'tab':
        case 'break':
          return ' ';
        default:
          return '';
      }
    })
    .join('');

/** Whether anything of it would show on a page. */
export const isBlank = (inlines: readonly Inline[]): boolean =>
  inlines.every((inline) =>
    inline.kind === 'text'
      ? /^[\s\u00a0\u3000]*$/.test(inline.text)
      : inline.kind === 'break' || (inline.kind === 'tab' && inline.leader === ''),
  );
