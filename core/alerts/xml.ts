/** XML as it comes from outside: a parser without entities of its own, and what it says of a file that is not well-formed, in the words of whoever has to write to the sender. */
import { SaxesParser } from 'saxes';
import type { Said } from '../../channels/channel.js';
import type { AlertFault } from './alert.js';

export class Fault extends Error {
  readonly fault: AlertFault;

  constructor(element: string, line: number, reason: Said) {
    super(reason.en);
    this.fault = { element, line, reason };
  }
}

const entities = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" };

/** Reads one file, with namespaces; outside files are never asked for. */
export function openParser(): SaxesParser<{ xmlns: true }> {
  const parser = new SaxesParser({ xmlns: true as const });
  // The parser's own table inherits from Object: `&constructor;` would be one of its entities.
  parser.ENTITIES = Object.assign(Object.create(null) as Record<string, string>, entities);
  return parser;
}

/** What the parser says. `inside`: the element that is open. */
export function malformed(message: string, inside: string, line: number): Fault {
  const said = message.replace(/^\d+:\d+: /, '');
  const unclosed = /^unclosed tag: (.+)$/.exec(said)?.[1];
  if (unclosed !== undefined || said === 'unexpected end.') {
    const name = local(unclosed ?? inside);
    return new Fault(name, line, {
      zh: `文件在 ${name} 中间断了，没有传完。`,
      en: `the file is cut short inside ${name}.`,
    });
  }
  const known: readonly [RegExp, string][] = [
    [/undefined entity/, '用了没有定义的实体（如 &nbsp;），XML 只有 &amp; &lt; &gt; &quot; &apos;。'],
    [/close tag|closing tag/, '开始标记与结束标记对不上。'],
    [/text data outside of root node/, '预警以外还有文字。'],
    [/disallowed character|malformed character entity/, '有 XML 不允许的字符。'],
    [/must be at the start|must appear at the start|inappropriately/, 'XML 声明之前还有内容。'],
    [/prefix/, '用了没有声明的前缀。'],
  ];
  const zh = known.find(([pattern]) => pattern.test(said))?.[1] ?? '写法不符合 XML。';
  return new Fault(inside, line, { zh: `不是完好的 XML：${zh}`, en: `it is not well-formed XML: ${said}` });
}

/** Without its prefix. */
export function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
