/** Pictures, text boxes, charts and everything else that is drawn: DrawingML (ECMA-376 part 1, 20) and the VML before it (part 4, 19). */
import type { Block } from './model.js';
import type { Story } from './story.js';
import { childOf, descendants, elementsOf, type XmlElement } from './xml.js';

/** What a drawn thing is called in a sentence, and the text that stands for it. */
interface Label {
  name: string;
  alt: string;
}

type Home = (story: Story, element: XmlElement, label: Label) => void;

/** What a drawing may hold, and what becomes of it. */
export const drawnHomes: Readonly<Record<string, Home>> = {
  'pic:pic': picture,
  'wps:wsp': shape,
  'wps:wpc': group,
  'wpg:wgp': group,
  'wpg:grpSp': group,
  'wpc:wpc': group,
  'wpg:graphicFrame': (story, element, label) => {
    readGraphic(story, childOf(element, 'a:graphic'), label);
  },
  'wpc:graphicFrame': (story, element, label) => {
    readGraphic(story, childOf(element, 'a:graphic'), label);
  },
  'c:chart': (story, _, { name }) => {
    story.losses.tell('wordChart', name);
  },
  'cx:chart': (story, _, { name }) => {
    story.losses.tell('wordChart', name);
  },
  'dgm:relIds': (story, _, { name }) => {
    story.losses.tell('wordDiagram', name);
  },
  'lc:lockedCanvas': (story, _, { name }) => {
    story.losses.tell('wordDrawing', name);
  },
  'wpg:contentPart': ink,
  'wpc:contentPart': ink,
  'w14:contentPart': ink,
  'wpi:contentPart': ink,
};

function ink(story: Story, _: XmlElement, { name }: Label): void {
  story.losses.tell('wordInk', name);
}

/** Of a group: how it is placed and painted, nothing that is shown. */
const groupSettings = /^(?:wpg|wps|wpc):(?:cNvPr|cNv\w*Pr|grpSpPr|bg|whole|xfrm|extLst)$|^a:/;

export function readDrawing(story: Story, drawing: XmlElement): void {
  if (story.muted) return;
  for (const frame of elementsOf(drawing)) {
    if (frame.name !== 'wp:inline' && frame.name !== 'wp:anchor') {
      story.losses.tell('wordUnknown', frame.name);
      continue;
    }
    const properties = childOf(frame, 'wp:docPr');
    const label = labelOf(properties);
    if (/^(?:1|true)$/.test(properties?.attributes['hidden'] ?? '')) {
      story.losses.tell('wordHidden', label.name);
      continue;
    }
    for (const _ of descendants(properties ?? frame, new Set(['wp15:webVideoPr'])))
      story.losses.tell('wordVideo', label.name);
    readGraphic(story, childOf(frame, 'a:graphic'), label);
  }
}

function readGraphic(story: Story, graphic: XmlElement | undefined, label: Label): void {
  for (const data of elementsOf(graphic)) for (const child of elementsOf(data)) readDrawn(story, child, label);
}

function readDrawn(story: Story, element: XmlElement, label: Label): void {
  const home = drawnHomes[element.name];
  if (home) home(story, element, label);
  else if (!groupSettings.test(element.name)) story.losses.tell('wordUnknown', element.name);
}

function labelOf(properties: XmlElement | undefined): Label {
  const { descr = '', title = '', name = '' } = properties?.attributes ?? {};
  const decorative = properties !== undefined && !descendants(properties, new Set(['adec:decorative'])).next().done;
  return { name: descr || title || name, alt: decorative ? '' : descr || title };
}

function picture(story: Story, element: XmlElement, label: Label): void {
  const own = labelOf(childOf(childOf(element, 'pic:nvPicPr'), 'pic:cNvPr'));
  const whole = { name: label.name || own.name, alt: label.alt || own.alt };
  const fill = childOf(element, 'pic:blipFill');
  const blip = childOf(fill, 'a:blip');
  const link = childOf(childOf(childOf(element, 'pic:nvPicPr'), 'pic:cNvPr'), 'a:hlinkClick')?.attributes['r:id'];
  const shown = showPart(story, blip?.attributes['r:embed'], blip?.attributes['r:link'], whole, addressOf(story, link));
  if (!shown) return;
  const crop = childOf(fill, 'a:srcRect')?.attributes ?? {};
  if (['l', 't', 'r', 'b'].some((edge) => Number.parseFloat(crop[edge] ?? '0') > 0))
    story.losses.tell('wordCropped', whole.name);
  const { rot, flipH, flipV } = childOf(childOf(element, 'pic:spPr'), 'a:xfrm')?.attributes ?? {};
  if (Number(rot ?? 0) !== 0 || [flipH, flipV].some((flip) => /^(?:1|true)$/.test(flip ?? '')))
    story.losses.tell('wordTurned', whole.name);
}

function addressOf(story: Story, id: string | undefined): string | undefined {
  const relation = id === undefined ? undefined : story.relations.get(id);
  return relation?.outside ? relation.target : undefined;
}

/** Puts a picture into the text. False where it can't be, which is told. */
function showPart(
  story: Story,
  embed: string | undefined,
  link: string | undefined,
  { name, alt }: Label,
  href?: string,
): boolean {
  const relation = story.relations.get(embed ?? '') ?? story.relations.get(link ?? '');
  const file = (relation?.target ?? '').split(/[/\\]/).at(-1) ?? '';
  const label = name && file ? `${name}（${file}）` : name || file;
  if (!relation || relation.outside) story.losses.tell(relation ? 'wordLinked' : 'wordPicture', label);
  else if (/\.(?:emf|wmf|emz|wmz)$/i.test(file)) story.losses.tell('wordVector', label);
  else {
    const number = story.source.pictures.add(relation.target, label);
    if (number !== undefined) {
      story.put({ kind: 'picture', picture: number, alt, href: href ?? story.href ?? story.fields.href }, '');
      return true;
    }
    story.losses.tell('wordPicture', label);
  }
  // A field that shows one has a result, seen or not.
  story.fields.heard(' ');
  return false;
}

function shape(story: Story, element: XmlElement, label: Label): void {
  const own = labelOf(childOf(element, 'wps:cNvPr'));
  const whole = { name: label.name || own.name, alt: label.alt || own.alt };
  const box = childOf(childOf(element, 'wps:txbx'), 'w:txbxContent');
  const painted = fillOf(element);
  if (painted) showPart(story, painted.attributes['r:embed'], painted.attributes['r:link'], whole);
  const read = box !== undefined && readBox(story, box);
  if (!read && !painted && !childOf(element, 'wps:linkedTxbx')) story.losses.tell('wordShape');
}

/** The picture that a shape is painted with. */
function fillOf(shapeElement: XmlElement): XmlElement | undefined {
  return childOf(childOf(childOf(shapeElement, 'wps:spPr'), 'a:blipFill'), 'a:blip');
}

/** The words of a text box, after the paragraph that it belongs to. False where it holds none. */
function readBox(story: Story, content: XmlElement): boolean {
  const inner = story.inner();
  const blocks: Block[] = [];
  story.readBlocks(inner, content, blocks);
  if (blocks.length === 0) return false;
  story.fields.heard(' ');
  story.losses.tell('wordTextBox');
  for (const block of blocks) story.boxes.push(block);
  return true;
}

const words = new Set(['w:txbxContent']);

/** Several shapes that make one drawing. Two with words and something between them is a chart that words alone don't tell. */
function group(story: Story, element: XmlElement, label: Label): void {
  const spoken = [...descendants(element, words)].filter(
    (box) => !descendants(box, new Set(['w:t'])).next().done,
  ).length;
  const lines = [...descendants(element, new Set(['wps:wsp']))].length - spoken;
  if (spoken > 1 && lines > 0) story.losses.tell('wordDrawing', label.name);
  const own = { name: '', alt: '' };
  for (const child of elementsOf(element)) readDrawn(story, child, child.name === 'pic:pic' ? own : label);
}

/** VML, in which older programs and form controls are drawn. */
export function readPict(story: Story, pict: XmlElement): void {
  if (story.muted) return;
  for (const child of elementsOf(pict)) readVml(story, child);
}

const vmlShapes = /^v:(?:shape|rect|roundrect|oval|line|polyline|arc|curve|image)$/;
const vmlSettings = /^v:(?:shapetype|background)$|^w10:|^o:(?:lock|callout|diagram)$|^w:(?:fldData|binData)$/;

function readVml(story: Story, element: XmlElement): void {
  if (element.name === 'v:group') for (const child of elementsOf(element)) readVml(story, child);
  else if (vmlShapes.test(element.name)) vmlShape(story, element);
  else if (element.name === 'w:control') story.losses.tell('wordControl', element.attributes['w:name']);
  else if (element.name === 'w:movie') story.losses.tell('wordVideo');
  else if (/^o:OLEObject$|^w:object(?:Embed|Link)$/.test(element.name)) tellObject(story, element, '');
  else if (!vmlSettings.test(element.name)) story.losses.tell('wordUnknown', element.name);
}

function vmlShape(story: Story, element: XmlElement): void {
  const { attributes } = element;
  const label = {
    name: attributes['alt'] ?? attributes['o:spid'] ?? attributes['id'] ?? '',
    alt: attributes['alt'] ?? '',
  };
  if (/(?:^|;)\s*visibility\s*:\s*hidden/i.test(attributes['style'] ?? '')) {
    story.losses.tell('wordHidden', label.name);
    return;
  }
  if (attributes['o:hr'] !== undefined) {
    story.boxes.push({ kind: 'rule' });
    return;
  }
  let shown = false;
  for (const child of elementsOf(element)) shown = vmlPart(story, child, label) || shown;
  if (!shown) story.losses.tell('wordShape');
}

/** One part of a shape; true where something of it shows. */
function vmlPart(story: Story, part: XmlElement, label: Label): boolean {
  switch (part.name) {
    case 'v:imagedata': {
      const { attributes } = part;
      showPart(story, attributes['r:id'] ?? attributes['r:pict'], attributes['r:href'], {
        ...label,
        name: label.alt || (attributes['o:title'] ?? '') || label.name,
      });
      if (
        ['cropleft', 'croptop', 'cropright', 'cropbottom'].some(
          (edge) => Number.parseFloat(attributes[edge] ?? '0') > 0,
        )
      )
        story.losses.tell('wordCropped', label.name);
      return true;
    }
    case 'v:textbox': {
      const box = childOf(part, 'w:txbxContent');
      return box !== undefined && readBox(story, box);
    }
    case 'v:textpath':
      story.text(part.attributes['string'] ?? '');
      return (part.attributes['string'] ?? '') !== '';
    case 'o:signatureline':
      story.losses.tell('wordSignatureLine', part.attributes['o:suggestedsigner'] ?? '');
      return true;
    default:
      return false;
  }
}

const imageData = new Set(['v:imagedata']);

/** An embedded object shows a picture of itself, which is what the printed page has. */
export function readObject(story: Story, object: XmlElement): void {
  if (story.muted) return;
  const ole = childOf(object, 'o:OLEObject') ?? childOf(object, 'w:objectEmbed') ?? childOf(object, 'w:objectLink');
  const control = childOf(object, 'w:control');
  if (control) story.losses.tell('wordControl', control.attributes['w:name']);
  const drawing = childOf(object, 'w:drawing');
  if (drawing) readDrawing(story, drawing);
  const [image] = descendants(object, imageData);
  const relation = story.relations.get(image?.attributes['r:id'] ?? '');
  const title = image?.attributes['o:title'] ?? '';
  if (relation && !relation.outside && /\.(?:png|jpe?g|gif|bmp|tiff?)$/i.test(relation.target)) {
    if (showPart(story, image?.attributes['r:id'], undefined, { name: title || nameOf(ole), alt: title }) && ole)
      story.losses.tell('wordObjectPicture', nameOf(ole));
    return;
  }
  if (ole) tellObject(story, ole, title);
  else if (!control && !drawing) for (const child of elementsOf(object)) readVml(story, child);
}

function tellObject(story: Story, ole: XmlElement, title: string): void {
  const name = title ? `${title}（${nameOf(ole)}）` : nameOf(ole);
  story.losses.tell(/equation|mathtype/i.test(nameOf(ole)) ? 'wordEquation' : 'wordObject', name);
  story.fields.heard(' ');
}

function nameOf(ole: XmlElement | undefined): string {
  return ole?.attributes['ProgID'] ?? ole?.attributes['w:progId'] ?? ole?.attributes['w:name'] ?? '';
}
