/**
 * A partner's site without any API: pages that people fill by hand. `/pages/{n}` shows what stands on an account, `/posts/…`
 * one post alone. It knows nothing of the hub: whoever works it uses the control `hand`.
 */
import { z } from 'zod';
import type { SandboxAnswer, SandboxKit, SandboxPlatform, SandboxRequest } from '../sandbox.js';

interface Post {
  id: string;
  account: string;
  html: string;
}

const part = z.union([
  z.object({ is: z.literal('text'), text: z.string() }),
  z.object({ is: z.literal('picture'), hash: z.string(), alt: z.string() }),
]);
const act = z.discriminatedUnion('does', [
  z.object({
    does: z.literal('publish'),
    account: z.string(),
    key: z.string(),
    copy: z.array(part),
    /** Keys of what is taken down in the same act. */
    instead: z.array(z.string()).default([]),
  }),
  z.object({ does: z.literal('withdraw'), account: z.string(), key: z.string() }),
  z.object({ does: z.literal('change'), account: z.string(), key: z.string(), html: z.string() }),
]);

export function relaySandbox(): SandboxPlatform {
  return new PartnerSite();
}

class PartnerSite implements SandboxPlatform {
  readonly name = 'relay';
  private readonly posts = new Map<string, Post>();
  private kit: SandboxKit | undefined;

  readonly controls = { hand: (body: unknown) => this.hand(act.parse(body)) };

  open(kit: SandboxKit): void {
    this.kit = kit;
  }

  callOf({ path }: SandboxRequest): string {
    return path.startsWith('/posts/') ? 'post' : 'page';
  }

  handle({ path }: SandboxRequest): SandboxAnswer {
    const [, kind, name = ''] = path.split('/');
    if (kind === 'posts') {
      const post = this.posts.get(decodeURIComponent(name));
      return post ? page(post.html) : failed(404);
    }
    if (kind !== 'pages') return failed(404);
    const account = this.account(Number(name)).name;
    return page(
      [...this.posts.values()]
        .filter((post) => post.account === account)
        .map(({ html }) => html)
        .join(''),
    );
  }

  failure(_call: string, code: string): SandboxAnswer {
    return failed(Number(code));
  }

  account(n: number): { name: string; settings: Record<string, unknown>; credentials: Record<string, unknown> } {
    return {
      name: `友站 ${n}`,
      settings: { platform: '友站', handle: `栏目 ${n}`, address: `${this.kit?.url ?? ''}/pages/${n}` },
      credentials: {},
    };
  }

  publicPage(): string {
    return String(
      page([...this.posts.values()].map(({ account, html }) => `<h2>${escaped(account)}</h2>${html}`).join('')).body,
    );
  }

  private hand(given: z.infer<typeof act>): { url: string } {
    const id = `${given.account}-${given.key}`;
    const url = `${this.kit?.url ?? ''}/posts/${encodeURIComponent(id)}`;
    switch (given.does) {
      case 'publish':
        this.kit?.accepted({ account: given.account, call: 'hand', id: given.key, subject: given.key });
        for (const key of given.instead) this.posts.delete(`${given.account}-${key}`);
        this.posts.set(id, { id, account: given.account, html: drawn(given.copy) });
        break;
      case 'withdraw':
        this.posts.delete(id);
        break;
      case 'change':
        this.posts.set(id, { id, account: given.account, html: given.html });
    }
    return { url };
  }
}

function drawn(copy: readonly z.infer<typeof part>[]): string {
  const inside = copy.map((one) =>
    one.is === 'text'
      ? `<p>${escaped(one.text).replace(/\n/g, '<br>')}</p>`
      : `<p><img src="/pictures/${one.hash}" alt="${escaped(one.alt)}"></p>`,
  );
  return `<article>${inside.join('')}</article>`;
}

function page(html: string): SandboxAnswer {
  const body = `<!doctype html><html lang="zh"><meta charset="utf-8"><title>友站</title><body>${html}</body></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function failed(status: number): SandboxAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<!doctype html><title>-</title>' };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
