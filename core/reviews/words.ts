/** What differs between two texts, in words. Chinese is cut where its words end, and no text however long holds anybody up. */
import { diffArrays } from 'diff';

export type Difference = { is: 'same' | 'added' | 'removed'; words: string };

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** More edits than these are told as one text gone and another come: nobody could read them one by one. */
const mostEdits = { blocks: 2_000, words: 1_500 } as const;
/** Milliseconds for one comparison. */
const longest = 2_000;

/** By blocks first, then within those that were changed. */
export function differences(from: readonly string[], to: readonly string[]): Difference[] {
  const parts = diffArrays([...from], [...to], { maxEditLength: mostEdits.blocks, timeout: longest });
  if (!parts) return joined([...whole('removed', from), ...whole('added', to)]);
  const told: Difference[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const [part, next] = [parts[at], parts[at + 1]];
    if (!part) continue;
    if (part.removed && next?.added) {
      told.push(...pairs(part.value, next.value));
      at += 1;
    } else told.push(...whole(part.added ? 'added' : part.removed ? 'removed' : 'same', part.value));
  }
  return joined(told);
}

/** Blocks that took one another's place, one by one; what is left over was added or removed whole. */
function pairs(from: readonly string[], to: readonly string[]): Difference[] {
  const both = Math.min(from.length, to.length);
  return [
    ...from.slice(0, both).flatMap((words, place) => [...inWords(words, to[place] ?? ''), same('\n')]),
    ...whole('removed', from.slice(both)),
    ...whole('added', to.slice(both)),
  ];
}

function inWords(from: string, to: string): Difference[] {
  const parts = diffArrays(cut(from), cut(to), { maxEditLength: mostEdits.words, timeout: longest });
  if (!parts)
    return [
      { is: 'removed', words: from },
      { is: 'added', words: to },
    ];
  return parts.map(({ added, removed, value }) => ({
    is: added ? 'added' : removed ? 'removed' : 'same',
    words: value.join(''),
  }));
}

function cut(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function whole(is: Difference['is'], blocks: readonly string[]): Difference[] {
  return blocks.map((words) => ({ is, words: `${words}\n` }));
}

function same(words: string): Difference {
  return { is: 'same', words };
}

/** Neighbours of a kind as one. */
function joined(parts: readonly Difference[]): Difference[] {
  const told: Difference[] = [];
  for (const part of parts) {
    const last = told.at(-1);
    if (part.words === '') continue;
    if (last?.is === part.is) last.words += part.words;
    else told.push({ ...part });
  }
  return told;
}
