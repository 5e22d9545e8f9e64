/** Tables (ECMA-376 part 1, 17.4): cells that span columns and rows, rows and cells inside controls. Linear in cells. */
import { inControl, meansNothing } from './inline.js';
import { groundOf } from './look.js';
import type { Block, Cell, Table } from './model.js';
import { tellUnknown } from './properties.js';
import type { Story } from './story.js';
import { childOf, descendants, elementsOf, switchOf, textOf, valueOf, type XmlElement } from './xml.js';

/** Cells that a later row may go on with, by the column where they begin. */
type Open = Map<number, Cell>;

export function readTable(story: Story, element: XmlElement, into: Block[]): void {
  const outer = { style: story.tableStyle, ground: story.ground, cell: story.inCell, paragraph: story.paragraphStyle };
  const properties = childOf(element, 'w:tblPr');
  tellUnknown(story, properties);
  const { styles } = story.source;
  story.tableStyle = styles.get(valueOf(properties, 'w:tblStyle')) ?? styles.get(styles.defaultTable);
  // A style may paint any of its cells, so that white words show on it.
  story.ground =
    groundOf(childOf(properties, 'w:shd')?.attributes) ?? (story.tableStyle?.paints ? 'unknown' : story.ground);
  story.inCell = true;
  const table: Table = { kind: 'table', caption: undefined, rows: [] };
  readRows(story, element, table, new Map());
  story.tableStyle = outer.style;
  story.ground = outer.ground;
  story.inCell = outer.cell;
  story.paragraphStyle = outer.paragraph;
  if (table.rows.length === 0) return;
  table.caption = takeCaption(into);
  into.push(table);
}

/** A caption right above the table is the table's. */
function takeCaption(into: Block[]): Table['caption'] {
  const last = into.at(-1);
  if (last?.kind !== 'paragraph' || last.number || !/^(?:caption|题注)$/.test(last.style)) return undefined;
  if (last.inlines.some(({ kind }) => kind === 'picture')) return undefined;
  into.pop();
  return last.inlines;
}

function readRows(story: Story, parent: XmlElement, table: Table, open: Open): void {
  for (const child of elementsOf(parent)) {
    if (child.name === 'w:tr') readRow(story, child, table, open);
    else if (child.name === 'w:customXml') readRows(story, child, table, open);
    else if (child.name === 'w:sdt')
      inControl(story, child, (content) => {
        readRows(story, content, table, open);
      });
    else if (!meansNothing.test(child.name)) story.losses.tell('wordUnknown', child.name);
  }
}

function readRow(story: Story, element: XmlElement, table: Table, open: Open): void {
  const properties = childOf(element, 'w:trPr');
  tellUnknown(story, properties);
  if (switchOf(properties, 'w:hidden')) {
    story.losses.tell('wordHiddenRow');
    return;
  }
  const row: Row = { cells: [], at: 0, last: undefined };
  pad(row, Number(valueOf(properties, 'w:gridBefore') ?? 0));
  readCells(story, element, row, open);
  pad(row, Number(valueOf(properties, 'w:gridAfter') ?? 0));
  if (row.cells.length === 0 && row.at === 0) return;
  table.rows.push({ header: switchOf(properties, 'w:tblHeader') === true, cells: row.cells });
}

interface Row {
  cells: Cell[];
  /** The column that comes next. */
  at: number;
  last: Cell | undefined;
}

const mostColumns = 1_000;

function pad(row: Row, columns: number): void {
  const colspan = Math.min(Math.max(0, Math.floor(columns) || 0), mostColumns);
  if (colspan === 0) return;
  row.cells.push({ colspan, rowspan: 1, blocks: [] });
  row.at += colspan;
}

function readCells(story: Story, parent: XmlElement, row: Row, open: Open): void {
  for (const child of elementsOf(parent)) {
    if (child.name === 'w:tc') readCell(story, child, row, open);
    else if (child.name === 'w:customXml') readCells(story, child, row, open);
    else if (child.name === 'w:sdt')
      inControl(story, child, (content) => {
        readCells(story, content, row, open);
      });
    else if (!meansNothing.test(child.name)) story.losses.tell('wordUnknown', child.name);
  }
}

const words = new Set(['w:t']);

function readCell(story: Story, element: XmlElement, row: Row, open: Open): void {
  const properties = childOf(element, 'w:tcPr');
  tellUnknown(story, properties);
  const colspan = Math.min(Math.max(1, Number(valueOf(properties, 'w:gridSpan') ?? 1) || 1), mostColumns);
  const merge = childOf(properties, 'w:vMerge');
  const column = row.at;
  row.at += colspan;
  const above = open.get(column);
  const beside = childOf(properties, 'w:hMerge');
  const goesOn = (mark: XmlElement | undefined): boolean =>
    mark !== undefined && mark.attributes['w:val'] !== 'restart';
  if (goesOn(beside) && row.last) row.last.colspan += colspan;
  else if (goesOn(merge) && above?.colspan === colspan) above.rowspan += 1;
  else {
    const cell: Cell = { colspan, rowspan: 1, blocks: [] };
    const ground = story.ground;
    story.ground = groundOf(childOf(properties, 'w:shd')?.attributes) ?? story.ground;
    story.inCell = true;
    story.readBlocks(story, element, cell.blocks);
    story.ground = ground;
    for (let covered = column; covered < column + colspan; covered += 1) open.delete(covered);
    if (merge) open.set(column, cell);
    row.cells.push(cell);
    row.last = cell;
    return;
  }
  // What stands in a cell that is merged into another is not printed.
  for (const text of descendants(element, words))
    if (textOf(text).trim() !== '') {
      story.losses.tell('wordMergedCell');
      return;
    }
}
