/**
 * Rows in memory between two writes of them: what dispatch has just inserted, for the recorder beside it, and what that
 * has written and whose outcome is due. A kept row may be out of date; every write names the version it knows, and who
 * meets another reads the row again.
 */
import type { Placement } from '../core/model/placement.js';
import type { Store } from '../core/store/store.js';

/** Rows kept at most: as many as a large order has; what comes later is read when it is due. */
const most = 20_000;
/** Milliseconds after which what nobody came for goes: another process records it. */
const longest = 60_000;

export class KeptRows {
  private young = new Map<string, Placement>();
  private old = new Map<string, Placement>();
  private turned = Date.now();
  private isWanted = false;

  /** Somebody in this process records: from now on rows are kept for it. */
  open(): void {
    this.isWanted = true;
  }

  close(): void {
    this.isWanted = false;
    this.young.clear();
    this.old.clear();
  }

  keep(rows: readonly Placement[]): void {
    if (!this.isWanted) return;
    if (Date.now() - this.turned > longest) {
      this.old = this.young;
      this.young = new Map();
      this.turned = Date.now();
    }
    for (const row of rows) {
      if (this.young.size + this.old.size >= most) return;
      this.young.set(row._id, row);
    }
  }

  /** Those of the rows that are kept, no longer so, and the ids of the others. */
  take(ids: readonly string[]): { rows: Placement[]; others: string[] } {
    const rows: Placement[] = [];
    const others: string[] = [];
    for (const id of ids) {
      const row = this.young.get(id) ?? this.old.get(id);
      if (!row) {
        others.push(id);
        continue;
      }
      rows.push(row);
      this.young.delete(id);
      this.old.delete(id);
    }
    return { rows, others };
  }
}

const ofStores = new WeakMap<Store, KeptRows>();

/** Those of this process. */
export function keptRows(store: Store): KeptRows {
  const known = ofStores.get(store) ?? new KeptRows();
  ofStores.set(store, known);
  return known;
}
