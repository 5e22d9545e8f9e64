/** The check of the book from inside a running hub: it is itself an act, so who checked when, and what came of it, is in the book. */
import { finding, type Finding } from './report.js';
import { notify } from '../notices/notices.js';
import type { Store } from '../store/store.js';
import { readAnchors, type AnchorPlace } from './anchors.js';
import { act, type Doer } from './book.js';
import { pageOfEntries } from './query.js';
import { verifyBook, type Verdict } from './verify.js';

export const checkAct = 'audit.check';

export interface LastCheck {
  n: number;
  at: string;
  by: string;
  finding: Finding;
}

/** Checks, records that it was checked and with what result, and calls the hub's people where it is not intact. @throws LianfaError audit_unavailable */
export async function checkBook(store: Store, place: AnchorPlace, who: Doer): Promise<Finding> {
  const finding = findingOf(await verifyBook(store, { anchors: () => readAnchors(place) }));
  if (finding.state !== 'intact') await call(store, finding);
  await act(store, { act: checkAct, outcome: 'done', who, on: {}, after: finding }, async () => undefined);
  return finding;
}

function findingOf(verdict: Verdict): Finding {
  switch (verdict.state) {
    case 'intact':
      return { state: 'intact', entries: verdict.entries, hash: verdict.head.hash };
    case 'broken':
      return verdict;
    case 'unchecked':
      return { state: 'unchecked', said: verdict.said };
  }
}

async function call(store: Store, finding: Exclude<Finding, { state: 'intact' }>): Promise<void> {
  const broken = finding.state === 'broken';
  await notify(store, {
    level: broken ? 'urgent' : 'warning',
    key: broken ? `audit broken ${finding.what} ${String(finding.at)}` : `audit unchecked ${finding.said.en}`,
    said: broken
      ? { zh: `审计链已被破坏：${finding.said.zh}`, en: `The book of acts is broken: ${finding.said.en}` }
      : finding.said,
    todo: {
      zh: '请保全数据库和数据目录，运行 lianfa audit verify，并与已公开的日链头比对。',
      en: 'Keep the database and the data folder as they are, run lianfa audit verify, and compare with the published heads of days.',
    },
  });
}

/** Undefined where it was never checked, or what was kept of it is not as it was written. */
export async function lastCheck(store: Store): Promise<LastCheck | undefined> {
  const [entry] = (await pageOfEntries(store, { act: checkAct }, { limit: 1 })).items;
  const found = finding.safeParse(entry?.after);
  if (!entry || !found.success) return undefined;
  const { n, at, who } = entry;
  return { n, at, by: who.person ?? who.process ?? '', finding: found.data };
}
