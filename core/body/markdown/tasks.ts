/** `- [x] 已办`: a list of tasks, with its boxes as signs that every channel can show. */
import type { Token } from 'markdown-it';

export function tickTasks(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const first = token.children?.[0];
    if (token.type !== 'inline' || first?.type !== 'text' || tokens[index - 2]?.type !== 'list_item_open') continue;
    first.content = first.content.replace(/^\[([ xX])\](?=\s)/, (_, mark: string) => (mark === ' ' ? '☐' : '☑'));
  }
}
