/** The rules of the line, one entry after another, without a store: what breaks it, and where. */
import { isDeepStrictEqual } from 'node:util';
import type { Said } from '../../channels/channel.js';
import type { breaks } from './report.js';
import type { AuditEntry, AuditHead } from '../model/audit-entry.js';
import type { Anchor } from './anchors.js';
import { growingTree } from './tree.js';
import { columnsOf, hashOf, nothing, type EntryBody } from './entry.js';

export interface Break {
  /** The first entry concerned. */
  at: number;
  what: (typeof breaks)[number];
  said: Said;
}

/** A row as somebody may have left it. */
export type StoredRow = Partial<AuditEntry>;

export interface Line {
  /** How many were taken, each the right one. */
  readonly entries: number;
  readonly hash: string;
  readonly broken: Break | undefined;
  /** A format that this version does not know. */
  readonly unknown: string | undefined;
  readonly anchors: number;
  take(row: StoredRow): void;
  /** With the head that the store tells of and the number of rows in it: what is wrong at the end. */
  end(head: Pick<AuditHead, 'hub' | 'n' | 'hash'> | null, rows: number): Break | undefined;
}

export function createLine(anchors: readonly Anchor[]): Line {
  const byPlace = new Map<number, Anchor[]>();
  for (const one of anchors) byPlace.set(one.n, [...(byPlace.get(one.n) ?? []), one]);
  let hub = anchors[0]?.hub;
  const foreign = anchors.find((one) => one.hub !== hub);
  const tree = growingTree();
  let entries = 0;
  let hash = nothing;
  let broken: Break | undefined;
  let unknown: string | undefined;

  function fault(row: StoredRow): Break | undefined {
    const due = entries + 1;
    const { _id, n, body: text, ...columns } = row;
    if (foreign) return otherOrigin(foreign.n, foreign.hub);
    if (typeof n !== 'number' || !Number.isInteger(n) || n < due) return added(typeof n === 'number' ? n : due);
    if (n > due) return missing(due);
    const body = typeof text === 'string' && hashOf(text) === _id ? parsed(text) : undefined;
    if (!body) return changed(n);
    if (body.n !== n) return reordered(Math.min(n, Number(body.n)), n);
    hub ??= body.hub;
    if (body.hub !== hub) return otherOrigin(n, body.hub);
    if (body.prev !== hash) return notLinked(n);
    if (body.v !== 1) unknown ??= String(body.v);
    else if (!isDeepStrictEqual(columns, columnsIn(body))) return changed(n);
    const seen = byPlace.get(n) ?? [];
    const rooted = seen.find(({ root }) => root !== undefined);
    tree.push(_id ?? '');
    const root = rooted && tree.root();
    const anchor = seen.find((one) => one.hash !== _id || (one.root ?? root) !== root);
    return anchor && rewritten(anchor);
  }

  return {
    get entries() {
      return entries;
    },
    get hash() {
      return hash;
    },
    get broken() {
      return broken;
    },
    get unknown() {
      return unknown;
    },
    anchors: anchors.length,
    take(row) {
      broken ??= fault(row);
      if (broken) return;
      entries += 1;
      hash = row._id ?? '';
    },
    end(head, rows) {
      if (broken) return broken;
      if (foreign) return otherOrigin(foreign.n, foreign.hub);
      const ahead = anchors.filter(({ n }) => n > entries).sort((a, b) => a.n - b.n)[0];
      if (ahead) return shorter(entries + 1, ahead);
      if (rows > entries) return added(entries + 1);
      if (entries === 0 ? head !== null && head.n > 0 : head?.n !== entries || head.hash !== hash || head.hub !== hub)
        return headDiffers(entries, head?.n ?? 0);
      return undefined;
    },
  };
}

function parsed(text: string): EntryBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as EntryBody) : undefined;
  } catch {
    return undefined;
  }
}

/** What somebody wrote in place of a body may have any form. */
function columnsIn(body: EntryBody): object | undefined {
  try {
    return columnsOf(body);
  } catch {
    return undefined;
  }
}

function changed(at: number): Break {
  return {
    at,
    what: 'changed',
    said: { zh: `第 ${at} 条被改动过。`, en: `Entry ${at} was changed.` },
  };
}

function missing(at: number): Break {
  const first = at === 1;
  return {
    at,
    what: 'missing',
    said: first
      ? { zh: '记录不是从第 1 条开始：开头被删去。', en: 'The book does not begin at its origin: entry 1 is missing.' }
      : { zh: `第 ${at - 1} 条之后缺少第 ${at} 条。`, en: `Entry ${at} is missing: there is a gap after ${at - 1}.` },
  };
}

function added(at: number): Break {
  return {
    at,
    what: 'added',
    said: {
      zh: `第 ${at} 条处多出不属于这条链的记录。`,
      en: `At entry ${at} there is one that does not belong to the line.`,
    },
  };
}

function reordered(at: number, place: number): Break {
  return {
    at,
    what: 'reordered',
    said: {
      zh: `第 ${at} 条不在原位（第 ${place} 位放着别的记录）。`,
      en: `Entry ${at} is not in its place: another one stands at ${place}.`,
    },
  };
}

function notLinked(at: number): Break {
  return {
    at,
    what: 'link',
    said: {
      zh: `第 ${at} 条与它的前一条对不上：前一条（第 ${at - 1} 条）被改写，或中间插入过记录。`,
      en: `Entry ${at} does not follow the one before it: entry ${at - 1} was rewritten or something was put between.`,
    },
  };
}

function otherOrigin(at: number, hub: string): Break {
  return {
    at,
    what: 'origin',
    said: { zh: `第 ${at} 条属于另一套系统（${hub}）。`, en: `Entry ${at} is of another hub (${hub}).` },
  };
}

function rewritten({ n, at }: Anchor): Break {
  return {
    at: n,
    what: 'rewritten',
    said: {
      zh: `第 ${n} 条与另存的链头（${at}）不同：历史被整体改写过。`,
      en: `Entry ${n} differs from the head kept elsewhere (${at}): history was written anew.`,
    },
  };
}

function shorter(at: number, { n, at: when }: Anchor): Break {
  return {
    at,
    what: 'shorter',
    said: {
      zh: `记录只到第 ${at - 1} 条，比 ${when} 的链头（第 ${n} 条）短：末尾被删去，或放回了旧备份。`,
      en: `The book ends at entry ${at - 1}, shorter than the head of ${when} (entry ${n}): its end was cut off or an old backup put back.`,
    },
  };
}

function headDiffers(entries: number, told: number): Break {
  return {
    at: Math.min(entries, told) + 1,
    what: 'head',
    said: {
      zh: `链头写的是第 ${told} 条，记录到第 ${entries} 条，两者不符。`,
      en: `The head tells of entry ${told}, the entries end at ${entries}: they do not agree.`,
    },
  };
}
