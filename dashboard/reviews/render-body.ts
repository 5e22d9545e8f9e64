/** A stored body as nodes of this page. It was cleaned when it came in; here nothing but these elements is made of it, so that what was put into the database by hand does nothing either. */
const elements = new Set(
  'p h2 h3 h4 strong em u s sup sub a ul ol li blockquote table caption thead tbody tfoot tr th td figure figcaption hr br ruby rt rp code pre dl dt dd'.split(
    ' ',
  ),
);

/** Blocks beside one another, each with the words that the hub counts in. */
export function renderBody(html: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const node of new DOMParser().parseFromString(html, 'text/html').body.children) made.append(copyOf(node));
  return made;
}

function copyOf(node: Node): Node {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.textContent ?? '');
  if (!(node instanceof Element)) return document.createTextNode('');
  const name = node.tagName.toLowerCase();
  if (name === 'img') return picture(node);
  const copy = document.createElement(elements.has(name) ? name : 'span');
  const address = node.getAttribute('href') ?? '';
  if (copy instanceof HTMLAnchorElement && /^https?:/i.test(address)) {
    copy.href = address;
    copy.target = '_blank';
    copy.rel = 'noopener noreferrer';
  }
  for (const span of ['colspan', 'rowspan'])
    if (node.hasAttribute(span)) copy.setAttribute(span, node.getAttribute(span) ?? '');
  copy.append(...Array.from(node.childNodes, copyOf));
  return copy;
}

function picture(node: Element): Node {
  const hash = /^media:([0-9a-f]{64})$/.exec(node.getAttribute('src') ?? '')?.[1];
  const copy = document.createElement('img');
  copy.alt = node.getAttribute('alt') ?? '';
  copy.loading = 'lazy';
  if (hash !== undefined) copy.src = `/api/v1/media/${hash}`;
  return copy;
}
