/** The tree as it will be: units as stored, with the wishes of a file over them. Wishes that make no tree are taken out until the rest does. */
import type { Said } from '../../channels/channel.js';
import type { Organization } from '../model/organization.js';
import { breathe } from '../tables/table.js';

export interface Wish {
  row: number;
  unit: { id: string; name: string; region: string; parent?: string; position?: { lat: number; lon: number } };
}

/** More levels than any tree of government has. */
const deepest = 20;

/** A unit's way up: complete, or where it ends instead. */
type WayUp =
  | { is: 'whole'; ids: string[] }
  | { is: 'cycle'; ids: string[] }
  | { is: 'deep' }
  /** `below` names a parent that is nowhere; `doomed`: so `id` will be nowhere either. */
  | { is: 'unknown'; below: string; doomed: boolean };

export class Tree {
  readonly stored: ReadonlyMap<string, Organization>;
  readonly wishes = new Map<string, Wish>();
  /** Ids of rows that were refused, for the rows below them. */
  readonly turnedDown = new Map<string, number>();

  constructor(stored: ReadonlyMap<string, Organization>) {
    this.stored = stored;
  }

  wish(row: number, unit: Wish['unit']): void {
    this.wishes.set(unit.id, { row, unit });
  }

  /** Takes out the wishes that make no tree, and says why. */
  async settle(): Promise<{ row: number; reason: Said }[]> {
    const refused: { row: number; reason: Said }[] = [];
    for (let before = -1; before !== this.wishes.size;) {
      before = this.wishes.size;
      const out: { wish: Wish; reason: Said }[] = [];
      let looked = 0;
      for (const wish of this.wishes.values()) {
        if (looked++ % 1_000 === 0) await breathe();
        const reason = this.against(wish);
        if (reason) out.push({ wish, reason });
      }
      for (const { wish, reason } of out) {
        this.wishes.delete(wish.unit.id);
        this.turnedDown.set(wish.unit.id, wish.row);
        refused.push({ row: wish.row, reason });
      }
    }
    return refused;
  }

  /** Ids from the root, each followed by `/`. For units whose way up is whole. */
  pathOf(id: string): string {
    const way = this.wayUp(id);
    if (way.is !== 'whole') throw new RangeError(`the way up from ${id} is ${way.is}`);
    return `${way.ids.join('/')}/`;
  }

  private against({ unit }: Wish): Said | undefined {
    const { id } = unit;
    const way = this.wayUp(id);
    switch (way.is) {
      case 'whole':
        return undefined;
      case 'deep':
        return tooDeep;
      case 'cycle':
        // Who only leads into it, or stands where it stood, is not to blame.
        return way.ids.includes(id) && this.stored.get(id)?.parent !== unit.parent ? this.circle(way.ids) : undefined;
      case 'unknown':
        return way.below === id || way.doomed ? this.nowhere(unit.parent ?? '') : undefined;
    }
  }

  private wayUp(id: string): WayUp {
    const ids: string[] = [];
    let isNew = true;
    for (let at: string | undefined = id; at !== undefined;) {
      if (ids.includes(at)) return { is: 'cycle', ids: ids.slice(0, ids.indexOf(at) + 1) };
      if (ids.length >= deepest) return { is: 'deep' };
      const below = ids[0] ?? at;
      const wish = this.wishes.get(at);
      const unit: { parent?: string } | undefined = wish?.unit ?? this.stored.get(at);
      if (!unit) return { is: 'unknown', below, doomed: isNew };
      isNew &&= !this.stored.has(at);
      ids.unshift(at);
      at = unit.parent;
    }
    return { is: 'whole', ids };
  }

  private circle(ids: readonly string[]): Said {
    const rows = ids.flatMap((id) => this.wishes.get(id)?.row ?? []).sort((a, b) => a - b);
    return {
      zh: `第 ${rows.join('、')} 行的单位互为上下级，成了一个圈（${ids.join('、')}）。`,
      en: `the units of rows ${rows.join(', ')} are each other's parents, in a circle (${ids.join(', ')}).`,
    };
  }

  private nowhere(parent: string): Said {
    const row = this.turnedDown.get(parent) ?? this.wishes.get(parent)?.row;
    return row === undefined
      ? {
          zh: `没有上级单位“${parent}”：库里没有，文件里也没有。`,
          en: `there is no parent "${parent}", neither stored nor in the file.`,
        }
      : {
          zh: `上级单位“${parent}”（第 ${row} 行）未被接受。`,
          en: `the parent "${parent}" (row ${row}) was refused.`,
        };
  }
}

const tooDeep: Said = { zh: `层级超过 ${deepest} 级。`, en: `it lies more than ${deepest} levels deep.` };
