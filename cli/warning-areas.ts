/** `--areas`: the areas that a warning names become part of whom it goes to. */
import { areasTaken, type NamedArea } from '../core/geography/area-input.js';
import type { Audience } from '../core/model/order.js';
import { organization } from '../server/contract/organizations.js';
import { pageOf } from '../server/contract/pages.js';
import { CommandFailure, type Client } from './client.js';
import { note } from './say.js';

/**
 * What was asked for, and what the warning names beside it. A code that is nobody's here chooses nothing, and is told.
 * @throws CommandFailure areas_unknown where it names nothing by which accounts are found
 */
export async function withAreas(client: Client, asked: Audience, areas: readonly NamedArea[]): Promise<Audience> {
  const { polygons, circles, regions, unknown } = areasTaken(areas, await unitRegions(client));
  for (const code of unknown)
    note({ zh: `· 区划代码 ${code} 本系统没有单位，没有加入范围。`, en: `No unit here carries the code ${code}.` });
  if (polygons.length + circles.length + regions.length === 0) throw nothingNamed();
  return {
    ...asked,
    ...joined('polygons', asked, polygons),
    ...joined('circles', asked, circles),
    ...joined('regions', asked, regions),
  };
}

function joined(name: 'polygons' | 'circles' | 'regions', asked: Audience, more: readonly string[]): Audience {
  return more.length === 0 ? {} : { [name]: [...new Set([...(asked[name] ?? []), ...more])] };
}

async function unitRegions(client: Client): Promise<string[]> {
  const regions = new Set<string>();
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({ limit: '200', ...(after !== undefined && { after }) });
    const { items, next } = await client.call(pageOf(organization), 'GET', `/organizations?${query}`);
    for (const { region } of items) regions.add(region);
    after = next;
    more = next !== undefined;
  }
  return [...regions];
}

function nothingNamed(): CommandFailure {
  return new CommandFailure({
    code: 'areas_unknown',
    message: {
      zh: '预警没有写明可用的影响区域（多边形、圆，或本系统有单位的区划代码）。',
      en: 'The warning names no area by which accounts are found: no polygon, no circle, no code that a unit here carries.',
    },
    todo: {
      zh: '请用 --regions、--polygon 等指明范围。',
      en: 'Name an audience with --regions, --polygon and others.',
    },
  });
}
