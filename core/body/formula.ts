/** A formula of MathML as a line of text: powers and indices in Unicode, fractions with a stroke. */
import { lowered, raised } from '../../channels/scripts.js';
import { isElement, wordsIn, type HtmlElement, type HtmlNode } from './tree.js';

export function formulaText(element: HtmlElement): string {
  return textOf(element).replace(/\s+/g, ' ').trim();
}

function textOf(node: HtmlNode): string {
  if (!isElement(node)) return 'value' in node ? node.value.trim() : '';
  const parts = node.childNodes.filter((child) => isElement(child) || wordsIn(child) !== '').map(textOf);
  const [base = '', second = '', third = ''] = parts;
  switch (node.tagName) {
    case 'msup':
    case 'mover':
      return base + raised(second);
    case 'msub':
    case 'munder':
      return base + lowered(second);
    case 'msubsup':
    case 'munderover':
      return base + lowered(second) + raised(third);
    case 'mfrac':
      return `${bracketed(base)}/${bracketed(second)}`;
    case 'msqrt':
      return `√${bracketed(parts.join(''))}`;
    case 'mroot':
      return `${raised(second)}√${bracketed(base)}`;
    case 'mtr':
      return `${parts.join(' ')}; `;
    case 'semantics':
      return base;
    case 'annotation':
    case 'annotation-xml':
      return '';
    default:
      return parts.join('');
  }
}

function bracketed(text: string): string {
  return /^[\p{L}\p{N}.]+$/u.test(text) ? text : `(${text})`;
}
