/**
 * Weibo's length rule, in half-width units so that nothing is rounded before the end. Reverse-engineered from the
 * platform's own clients: a link counts 20 half units however long it is up to 140 bytes, t.cn links count as they
 * stand, weibo.com and weibo.cn links as they stand up to 41 bytes; any other character counts one, two outside
 * U+0000–U+0080. Counting is by UTF-16 unit, so that an emoji counts as two full characters: the larger of the two
 * counts seen in clients, hence the safe one. Two points are ours: https is a link as http is, and a host may hold a hyphen.
 */
import { graphemes } from '../graphemes.js';

/** Most of a post, in full-width characters. */
export const limit = 140;

const linkUnits = 20;
const longestLink = 140;
const longestOwnLink = 41;
const linkPattern = /https?:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+[-A-Za-z0-9_$.+!*()/,:;@&=?~#%]*/gi;
const asItStands = /^https?:\/\/t\.cn(?![a-z0-9.-])/i;
const ownSite = /^https?:\/\/(?:[a-z0-9-]+\.)*weibo\.(?:com|cn)(?![a-z0-9.-])/i;

/** The links in a text, as the platform sees them. */
export function linksIn(text: string): string[] {
  return text.match(linkPattern) ?? [];
}

/** The text without its links. */
export function withoutLinks(text: string): string {
  return text.replace(linkPattern, '');
}

/** Half-width units. */
export function halfUnits(text: string): number {
  let units = plainHalfUnits(text);
  for (const link of linksIn(text)) units += linkHalfUnits(link) - link.length;
  return units;
}

/** Full-width characters, as the platform's limit counts them. */
export function count(text: string): number {
  return Math.ceil(halfUnits(text) / 2);
}

function plainHalfUnits(text: string): number {
  let units = text.length;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x80) units += 1;
  return units;
}

/** A link is ASCII, so its length is its bytes. */
function linkHalfUnits(link: string): number {
  if (asItStands.test(link) || (link.length <= longestOwnLink && ownSite.test(link))) return link.length;
  return linkUnits + Math.max(0, link.length - longestLink);
}

/** The pieces a text may be cut between: a link is one, and so is a character as people see it. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let at = 0;
  for (const link of text.matchAll(linkPattern)) {
    for (const { segment } of graphemes.segment(text.slice(at, link.index))) found.push(segment);
    found.push(link[0]);
    at = link.index + link[0].length;
  }
  for (const { segment } of graphemes.segment(text.slice(at))) found.push(segment);
  return found;
}

/**
 * The text itself if it has at most `most` half units, else its beginning with an ellipsis, within `most`. No link, no
 * visible character, no Latin word and no number is broken, and the end of a sentence or of a clause close before the
 * cut is preferred to the middle of it.
 */
export function cutTo(text: string, most: number): string {
  if (halfUnits(text) <= most) return text;
  const parts = pieces(text);
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (halfUnits(parts.slice(0, middle).join('') + ellipsis) <= most) low = middle;
    else high = middle - 1;
  }
  if (low === 0) return '';
  const cut = parts.slice(0, low).join('');
  const sentence = /^[^]*(?:[。！？；]|[.!?](?=\s|$|\p{Script=Han}))/u.exec(cut)?.[0];
  if (sentence !== undefined && sentence.length >= cut.length * 0.6) return sentence.replace(/；$/u, '。');
  return wholeBeginning(cut, parts[low] ?? '').replace(/[\s，、：:,；;“（(]+$/u, '') + ellipsis;
}

/** Without the beginning of a word or number that goes on in `next`, and up to a clause's end where little is lost by it. */
function wholeBeginning(cut: string, next: string): string {
  const whole = /^[\p{Script=Latin}\d]/u.test(next)
    ? cut.replace(/[\p{Script=Latin}\d][\p{Script=Latin}\d.,:'’–-]*$/u, '')
    : cut;
  if (whole.length < cut.length * 0.5) return cut;
  const clause = /^[^]*[，、：:,；;]/u.exec(whole)?.[0];
  return clause !== undefined && clause.length >= whole.length * 0.8 ? clause : whole;
}

const ellipsis = '…';
