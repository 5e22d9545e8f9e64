/**
 * Properties that decide how something is set on paper: known, and not carried over, as every channel sets its own.
 * Those that say something (numbers, hidden, merged cells) are read where they belong. Any other name is told.
 */
import type { Story } from './story.js';
import { elementsOf, type XmlElement } from './xml.js';

const named = (words: string): ReadonlySet<string> => new Set(words.split(' ').map((word) => `w:${word}`));

export const properties: Readonly<Record<string, ReadonlySet<string>>> = {
  'w:pPr': named(
    'pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs ' +
      'suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd ' +
      'snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment ' +
      'textboxTightWrap outlineLvl divId cnfStyle rPr sectPr',
  ),
  'w:tblPr': named(
    'tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd ' +
      'tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription',
  ),
  'w:trPr': named(
    'cnfStyle divId gridBefore gridAfter wBefore wAfter cantSplit trHeight tblHeader tblCellSpacing jc hidden',
  ),
  'w:tcPr': named(
    'cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark headers',
  ),
  'w:sdtPr': named(
    'rPr alias tag id lock placeholder temporary showingPlcHdr dataBinding label tabIndex equation comboBox date ' +
      'docPartObj docPartList dropDownList picture richText text citation group bibliography',
  ),
  'w:sectPr': named(
    'headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders pgNumType cols formProt ' +
      'vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings',
  ),
};

/** Those of later versions of Word, which it writes beside the standard's own. */
const later = /^w1\d\w*:|^\?|^mc:/;

export function tellUnknown(story: Story, element: XmlElement | undefined): void {
  const known = properties[element?.name ?? ''];
  for (const { name } of elementsOf(element))
    if (!known?.has(name) && !later.test(name)) story.losses.tell('wordProperty', name);
}
