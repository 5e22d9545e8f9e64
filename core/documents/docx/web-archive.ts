/** The page in a web archive (MHTML, RFC 2557): the one part of a MIME message that a browser opens. */

interface Part {
  type: string;
  encoding: string;
  body: string;
}

/** Multiparts inside one another; programs write one, or two. */
const deepest = 4;

/** @throws Error where there is no page inside, or in an encoding of its own */
export function webPageOf(bytes: Buffer): { bytes: Buffer; type: string } {
  // One character a byte: its parts are each in a charset of their own.
  const page = pageIn(partOf(bytes.toString('latin1')), deepest);
  if (!page) throw new Error('a web archive without a page');
  return { bytes: unpacked(page), type: page.type };
}

function pageIn(part: Part, levels: number): Part | undefined {
  if (/^text\/html\b/i.test(part.type)) return part;
  const boundary = /^multipart\/[^;]+;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/is.exec(part.type);
  if (!boundary || levels === 0) return undefined;
  const [, ...parts] = `\n${part.body}`.split(`\n--${boundary[1] ?? boundary[2] ?? ''}`);
  for (const inner of parts) {
    if (inner.startsWith('--')) return undefined;
    const page = pageIn(partOf(inner.replace(/^[^\n]*\n/, '')), levels - 1);
    if (page) return page;
  }
  return undefined;
}

function partOf(text: string): Part {
  const lines = text.replace(/\r\n/g, '\n');
  const end = lines.startsWith('\n') ? 0 : lines.indexOf('\n\n');
  // A line that begins with a blank belongs to the one before.
  const heads = lines.slice(0, end < 0 ? lines.length : end).replace(/\n[ \t]+/g, ' ');
  const head = (name: string): string => new RegExp(`^${name}:(.*)$`, 'im').exec(heads)?.[1]?.trim() ?? '';
  return {
    type: head('Content-Type') || 'text/plain',
    encoding: head('Content-Transfer-Encoding').toLowerCase(),
    body: end < 0 ? '' : lines.slice(end).replace(/^\n\n?/, ''),
  };
}

function unpacked({ encoding, body }: Part): Buffer {
  switch (encoding) {
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return Buffer.from(body, 'latin1');
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return Buffer.from(
        body
          .replace(/[ \t]+$/gm, '')
          .replace(/=\n/g, '')
          .replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
        'latin1',
      );
    default:
      throw new Error(`the transfer encoding ${encoding}`);
  }
}
