/** Namespaces of Office documents under the prefixes that the standard uses, transitional and strict alike. */

const strict = 'http://purl.oclc.org/ooxml/';
const transitional = 'http://schemas.openxmlformats.org/';
const office = 'http://schemas.microsoft.com/office/';

const prefixes = new Map<string, string>([
  ...both('wordprocessingml/2006/main', 'wordprocessingml/main', 'w'),
  ...both('officeDocument/2006/relationships', 'officeDocument/relationships', 'r'),
  ...both('officeDocument/2006/math', 'officeDocument/math', 'm'),
  ...both('drawingml/2006/main', 'drawingml/main', 'a'),
  ...both('drawingml/2006/wordprocessingDrawing', 'drawingml/wordprocessingDrawing', 'wp'),
  ...both('drawingml/2006/picture', 'drawingml/picture', 'pic'),
  ...both('drawingml/2006/chart', 'drawingml/chart', 'c'),
  ...both('drawingml/2006/diagram', 'drawingml/diagram', 'dgm'),
  ...both('drawingml/2006/lockedCanvas', 'drawingml/lockedCanvas', 'lc'),
  [`${transitional}markup-compatibility/2006`, 'mc'],
  [`${transitional}package/2006/relationships`, 'rel'],
  [`${transitional}package/2006/content-types`, 'ct'],
  ['urn:schemas-microsoft-com:vml', 'v'],
  ['urn:schemas-microsoft-com:office:office', 'o'],
  ['urn:schemas-microsoft-com:office:word', 'w10'],
  [`${office}word/2010/wordprocessingShape`, 'wps'],
  [`${office}word/2010/wordprocessingGroup`, 'wpg'],
  [`${office}word/2010/wordprocessingCanvas`, 'wpc'],
  [`${office}word/2010/wordprocessingInk`, 'wpi'],
  [`${office}word/2010/wordprocessingDrawing`, 'wp14'],
  [`${office}word/2012/wordprocessingDrawing`, 'wp15'],
  [`${office}word/2010/wordml`, 'w14'],
  [`${office}word/2012/wordml`, 'w15'],
  [`${office}drawing/2014/chartex`, 'cx'],
  [`${office}drawing/2014/main`, 'a14m'],
  [`${office}drawing/2017/decorative`, 'adec'],
  ['http://www.w3.org/XML/1998/namespace', 'xml'],
]);

function both(one: string, other: string, prefix: string): [string, string][] {
  return [
    [transitional + one, prefix],
    [strict + other, prefix],
  ];
}

/**
 * What a choice may ask for and be chosen. Ink is not among them: its fallback is a picture, which a page can show.
 * Later charts are: their fallback is only the sentence that the program is too old.
 */
export const understood: ReadonlySet<string> = new Set([
  ...[...prefixes].filter(([, prefix]) => /^(?:wps|wpg|wpc|wp14|wp15|w14|w15|cx)$/.test(prefix)).map(([uri]) => uri),
  `${office}drawing/2015/9/8/chartex`,
  `${office}drawing/2015/10/21/chartex`,
  `${office}drawing/2016/5/10/chartex`,
  `${office}drawing/2016/5/13/chartex`,
]);

const known = new Map<string, string>();

/** The name under our prefix; of a namespace that we do not know, with its last word: `word:thing` is never one of ours. */
export function prefixOf(uri: string, local: string): string {
  const whole = `${uri} ${local}`;
  let name = known.get(whole);
  if (name === undefined) {
    name = `${prefixes.get(uri) ?? `?${uri.split(/[/:]/).at(-1) ?? ''}`}:${local}`;
    if (known.size < 5_000) known.set(whole, name);
  }
  return name;
}
