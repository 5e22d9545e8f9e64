/** HTML, also as Word and WPS put it on the clipboard. What only their programs understand goes without a word. */
import { load } from 'cheerio';

/** Takes out what word processors add for themselves: conditional comments, `o:p`, their list marks' padding, classes and `mso-` styles. */
export function cleanOfficeHtml(html: string): string {
  if (!/class="?'?Mso|mso-|xmlns:[ow]=|<o:p|WPS/i.test(html)) return html;
  return html
    .replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, '')
    .replace(/<!\[(?:if[^\]]*|endif)\]>/gi, '')
    .replace(/<style[\s\S]*?<\/style>/gi, '')
    .replace(/<xml[\s\S]*?<\/xml>/gi, '')
    .replace(/<\/?(?:o|w|v|m|st1|wps):[^>]*>/gi, '')
    .replace(/\s(?:style|class|lang)=(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, (attribute) =>
      /MsoTitle/i.test(attribute) ? ' class="MsoTitle"' : '',
    );
}

/**
 * Finds the title of an HTML text: its first heading (a Word title, else h1–h3), else its `<title>`. What serves as
 * title, or repeats `given`, is taken out of the body.
 */
export function splitHeading(html: string, given?: string): { title: string | undefined; html: string } {
  const $ = load(html, null, false);
  const heading = $('p.MsoTitle, h1, h2, h3').first();
  const words = squeeze(heading.text());
  const page = squeeze($('title').first().text());
  if (given === undefined ? words : words === squeeze(given)) heading.remove();
  return { title: given ?? (words || page || undefined), html: $.html() };
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
