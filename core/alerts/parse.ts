/**
 * The elements of a message, each held to its place while it is read: the first fault of the file is the one told, with
 * the line on which its tag begins. Linear; bounded in bytes, elements and depth; no declarations, no entities of its own.
 */
import type { SaxesTagNS } from 'saxes';
import type { Said } from '../../channels/channel.js';
import type { AlertFault } from './alert.js';
import { alertElement, namespace, signatureNamespace, type Element } from './elements.js';
import { Fault, local, malformed, openParser } from './xml.js';

/** An element that was read; its text only where it holds no elements. */
export interface Node {
  name: string;
  line: number;
  text: string;
  children: Node[];
}

interface Open extends Node {
  /** Absent within a signature. */
  element: Element | undefined;
  /** Where in the parent's order the last child stood. */
  reached: number;
  /** How many of that one there have been. */
  count: number;
}

const mostElements = 300_000;
const deepest = 60;
const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance';

/** @throws nothing: what is wrong is answered */
export function parseAlert(text: string): { root: Node; signatures: number } | { fault: AlertFault } {
  try {
    return parsed(text);
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault };
    throw error;
  }
}

function parsed(text: string): { root: Node; signatures: number } {
  if (text.trim() === '')
    throw new Fault('alert', 1, {
      zh: '文件是空的，其中没有预警。',
      en: 'the file is empty: there is no alert in it.',
    });
  const start = text.search(/\S/);
  if (text[start] !== '<')
    throw new Fault('alert', text.slice(0, start).split('\n').length, {
      zh: '文件开头不是 XML，XML 声明之前不能有别的内容。',
      en: 'the file does not begin with XML: nothing may stand before the XML declaration.',
    });
  const parser = openParser();
  const open: Open[] = [];
  const count = new Map<string, number>();
  let root: Node | undefined;
  let began = 1;
  let elements = 0;
  let signatures = 0;
  parser.on('error', ({ message }) => {
    throw malformed(message, open.at(-1)?.name ?? 'alert', parser.line);
  });
  parser.on('doctype', (declared) => refuseDoctype(declared, parser.line));
  parser.on('opentagstart', ({ name }) => {
    began = parser.line;
    if (root && open.length === 0)
      throw new Fault(local(name), began, {
        zh: '一个文件只能有一条预警，它后面不能再有别的元素。',
        en: 'a file holds one alert: nothing may stand behind it.',
      });
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements > mostElements || open.length > deepest) throw tooMuch(tag.local, began);
    const parent = open.at(-1);
    const element = parent ? childOf(parent, tag, began, count) : rootOf(tag, began);
    if (parent && !element && parent.element) signatures += 1;
    if (element) requireNoAttributes(tag, began);
    open.push({ name: tag.local, line: began, text: '', children: [], element, reached: -1, count: 0 });
  });
  const take = (part: string): void => {
    const inside = open.at(-1);
    if (!inside?.element) return;
    if ('check' in inside.element.content) inside.text += part;
    else if (/[^\t\n\r ]/.test(part))
      throw new Fault(inside.name, parser.line, {
        zh: `${inside.name} 里不能直接写文字（“${part.trim().slice(0, 20)}”）。`,
        en: `${inside.name} holds elements, no text of its own ("${part.trim().slice(0, 20)}").`,
      });
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', () => {
    const done = open.pop();
    if (!done?.element) return;
    const parent = open.at(-1);
    requireWhole(done, parent, count);
    const { name, line, text: said, children } = done;
    const node = { name, line, text: said, children };
    if (parent) parent.children.push(node);
    else root = node;
  });
  parser.write(text).close();
  if (!root) throw new Fault('alert', 1, { zh: '其中没有预警。', en: 'there is no alert in it.' });
  return { root, signatures };
}

function rootOf({ local: name, uri }: SaxesTagNS, line: number): Element {
  if (name !== 'alert')
    throw new Fault(name, line, {
      zh: `这不是预警：最外层是 ${name}，应为 alert。`,
      en: `this is no alert: its outermost element is ${name}.`,
    });
  if (uri === namespace) return alertElement;
  throw new Fault(name, line, {
    zh: uri
      ? `alert 的命名空间是 ${uri.slice(0, 80)}，应为 ${namespace}（CAP 1.2）。`
      : `alert 没有命名空间，应为 ${namespace}（CAP 1.2）。`,
    en: `alert is in ${uri ? `the namespace ${uri.slice(0, 80)}` : 'no namespace'}, and must be in ${namespace} (CAP 1.2).`,
  });
}

/** What may stand here, nothing for a signature and what is in it. @throws Fault */
function childOf(
  parent: Open,
  { local: name, uri }: SaxesTagNS,
  line: number,
  counted: Map<string, number>,
): Element | undefined {
  if (!parent.element) return undefined;
  const { content } = parent.element;
  if (!('children' in content))
    throw new Fault(name, line, {
      zh: `${name} 不能放在 ${parent.name} 里面：${parent.name} 里只有文字。`,
      en: `${name} cannot stand in ${parent.name}, which holds text alone.`,
    });
  const order = content.children;
  if (parent.name === 'alert' && uri === signatureNamespace) {
    requireBetween(order, parent, order.length, name, line);
    parent.reached = order.length;
    return undefined;
  }
  const place = uri === namespace ? order.findIndex((child) => child.name === name) : -1;
  const element = order[place];
  if (!element) throw new Fault(name, line, unknown(name, uri, parent.name));
  if (place < parent.reached) throw new Fault(name, line, misplaced(name, order, parent.reached));
  if (place > parent.reached) {
    requireBetween(order, parent, place, name, line);
    parent.reached = place;
    parent.count = 0;
  }
  parent.count += 1;
  if (parent.count > 1 && !element.many)
    throw new Fault(name, line, { zh: `${name} 只能有一个。`, en: `there may be one ${name} only.` });
  if (element.many) counted.set(name, (counted.get(name) ?? 0) + 1);
  return element;
}

/** What must stand between the last child and this one. */
function requireBetween(order: readonly Element[], parent: Open, place: number, next: string, line: number): void {
  const missing = order.slice(parent.reached + 1, place).find(({ required }) => required);
  if (missing)
    throw new Fault(missing.name, line, {
      zh: `缺少 ${missing.name}（应在 ${next} 之前）。`,
      en: `${missing.name} is missing: it must stand before ${next}.`,
    });
}

/** An element that ends: has it all that it must, and is its text one that it may have? */
function requireWhole(
  { element, reached, name, line, text }: Open,
  parent: Open | undefined,
  counted: ReadonlyMap<string, number>,
): void {
  if (!element) return;
  const { content } = element;
  if ('children' in content) {
    const missing = content.children.slice(reached + 1).find(({ required }) => required);
    if (missing)
      throw new Fault(missing.name, line, {
        zh: `${name} 中缺少 ${missing.name}。`,
        en: `${name} lacks ${missing.name}.`,
      });
    return;
  }
  const wrong = content.check(text);
  if (!wrong) return;
  const which = element.many ? (counted.get(name) ?? 1) : 0;
  const place = parent && parent.name !== 'alert' ? parent.name : '';
  throw new Fault(name, line, {
    zh: `${which > 1 ? `全文第 ${which} 个 ${name}` : name}${place && `（在 ${place} 中）`}：${wrong.zh}`,
    en: `${name}${which > 1 ? ` number ${which} of the file` : ''}${place && ` (in ${place})`}: ${wrong.en}`,
  });
}

function unknown(name: string, uri: string, parent: string): Said {
  if (uri === namespace || uri === '')
    return { zh: `CAP 1.2 的 ${parent} 中没有 ${name} 这个元素。`, en: `CAP 1.2 knows no ${name} in ${parent}.` };
  return {
    zh: `${parent} 中不能有别的命名空间（${uri.slice(0, 80)}）的 ${name}。`,
    en: `${parent} may hold no ${name} of another namespace (${uri.slice(0, 80)}).`,
  };
}

function misplaced(name: string, order: readonly Element[], reached: number): Said {
  const place = order.findIndex((child) => child.name === name);
  const after = order[reached]?.name ?? 'Signature';
  const before = order.slice(place + 1, reached + 1)[0]?.name ?? after;
  const named = before === after ? after : `${before}…${after}`;
  return {
    zh: `${name} 的位置不对，必须放在 ${after} 之前（CAP 1.2 规定的次序：${name}、${named}）。`,
    en: `${name} must stand before ${after}, for CAP 1.2 has its elements in one order (${name}, ${named}).`,
  };
}

/** The schema knows no attributes but where a schema may be found. */
function requireNoAttributes({ attributes, local: name }: SaxesTagNS, line: number): void {
  for (const attribute of Object.values(attributes)) {
    const { prefix, local: own, uri } = attribute;
    if (prefix === 'xmlns' || (prefix === '' && own === 'xmlns')) continue;
    if (uri === instanceNamespace && /^(schemaLocation|noNamespaceSchemaLocation)$/.test(own)) continue;
    throw new Fault(name, line, {
      zh: `${name} 不能带属性 ${attribute.name.slice(0, 40)}。`,
      en: `${name} may not have the attribute ${attribute.name.slice(0, 40)}.`,
    });
  }
}

/** A bare `<!DOCTYPE alert>` declares nothing and is harmless; with anything more it could. */
function refuseDoctype(declared: string, line: number): void {
  const [name = '', more] = declared.trim().split(/\s+|(?=\[)/, 2);
  if (local(name) !== 'alert')
    throw new Fault(local(name) || 'DOCTYPE', line, {
      zh: `这不是预警，而是 ${name.slice(0, 40)} 文件（例如网页）。`,
      en: `this is no alert but a file of the type ${name.slice(0, 40)}, such as a page.`,
    });
  if (more !== undefined)
    throw new Fault('DOCTYPE', line, {
      zh: '不接受带声明的 DOCTYPE（DTD、外部文件、自定义实体）。',
      en: 'a DOCTYPE with declarations (DTD, outside files, entities) is not taken.',
    });
}

function tooMuch(element: string, line: number): Fault {
  return new Fault(element, line, {
    zh: `元素超过 ${mostElements.toLocaleString('en-US')} 个，或嵌套超过 ${deepest} 层。`,
    en: `it has more than ${mostElements.toLocaleString('en-US')} elements, or more than ${deepest} levels.`,
  });
}
