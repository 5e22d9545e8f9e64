/** What may stand in a paragraph (ECMA-376 part 1, 17.3.1 to 17.3.2, 17.5, 17.16). */
import { formulaText } from './formula.js';
import { tellUnknown } from './properties.js';
import { readRun } from './run.js';
import type { Story } from './story.js';
import { childOf, elementsOf, isOn, switchOf, valueOf, type XmlElement } from './xml.js';

type Home = (story: Story, element: XmlElement) => void;

export const inlineHomes: Readonly<Record<string, Home>> = {
  'w:r': readRun,
  'w:hyperlink': hyperlink,
  'w:fldSimple': (story, element) => {
    story.fields.begin(element, element.attributes['w:instr'] ?? '');
    if (story.fields.separate()) story.losses.tell('wordContents');
    readInlines(story, element);
    story.ended(story.fields.end(), {});
  },
  'w:sdt': (story, element) => {
    inControl(story, element, (content) => {
      readInlines(story, content);
    });
  },
  // Wrappers that mean something to programs alone.
  'w:smartTag': readInlines,
  'w:customXml': readInlines,
  'w:dir': readInlines,
  'w:bdo': readInlines,
  'm:oMath': formula,
  'm:oMathPara': formula,
  'w:subDoc': (story, element) => {
    story.losses.tell('wordSubDocument', story.relations.get(element.attributes['r:id'] ?? '')?.target);
  },
};

/** Marks of places, of spelling and of who may edit; properties of the wrappers. Tracked changes are settled before. */
export const meansNothing =
  /^w:(?:pPr|bookmark(?:Start|End)|proofErr|perm(?:Start|End)|smartTagPr|customXmlPr|sdtPr|sdtEndPr|sectPr|tblPr|tblGrid|tblPrEx|trPr|tcPr|fldData)$/;

export function readInlines(story: Story, parent: XmlElement): void {
  for (const child of elementsOf(parent)) {
    const home = inlineHomes[child.name];
    if (home) home(story, child);
    else if (!meansNothing.test(child.name)) story.losses.tell('wordUnknown', child.name);
  }
}

function hyperlink(story: Story, element: XmlElement): void {
  const relation = story.relations.get(element.attributes['r:id'] ?? '');
  const anchor = element.attributes['w:anchor'] ?? element.attributes['w:docLocation'];
  const before = story.href;
  if (relation?.outside) story.href = relation.target + (anchor ? `#${anchor}` : '');
  else if (!story.muted) story.losses.tell('wordInnerLink');
  readInlines(story, element);
  story.href = before;
}

function formula(story: Story, element: XmlElement): void {
  if (story.muted) return;
  const text = formulaText(element, (name) => {
    story.losses.tell('wordFormulaPart', name);
  });
  story.text(text);
  if (text !== '') story.losses.tell('wordFormula', text);
}

const contents = /^Table of Contents$|^Table of Figures$|目录|目次/i;

/** A content control at any level; `read` reads what it shows. */
export function inControl(story: Story, control: XmlElement, read: (content: XmlElement) => void): void {
  const content = childOf(control, 'w:sdtContent');
  const properties = childOf(control, 'w:sdtPr');
  tellUnknown(story, properties);
  if (!content) return;
  const gallery = valueOf(childOf(properties, 'w:docPartObj'), 'w:docPartGallery') ?? '';
  const box = childOf(properties, 'w14:checkbox');
  if (contents.test(gallery)) leave(story, content, read);
  else if (box) {
    const outer = story.check;
    story.check = { state: isOn(childOf(box, 'w14:checked')?.attributes['w14:val'] ?? '0') ? '☑' : '☐' };
    read(content);
    story.check = outer;
  } else if (switchOf(properties, 'w:showingPlcHdr') && !story.prompt && !story.muted) {
    story.prompt = [];
    read(content);
    const prompt = story.prompt.join('').trim();
    story.prompt = undefined;
    story.losses.tell('wordPlaceholder', valueOf(properties, 'w:alias') ?? prompt);
  } else read(content);
}

/** A page of contents is read like the field that it mostly holds, or the beginning of it. */
function leave(story: Story, content: XmlElement, read: (content: XmlElement) => void): void {
  story.fields.begin(undefined, 'TOC');
  if (story.fields.separate()) story.losses.tell('wordContents');
  read(content);
  story.fields.end();
}
