/** The areas that a warning names, as conditions of an audience: what one press on the page does, and `--areas` in the terminal. */

export interface NamedArea {
  code?: string | undefined;
  polygons?: readonly string[] | undefined;
  circles?: readonly string[] | undefined;
  geocodes?: readonly { value: string }[] | undefined;
}

interface TakenAreas {
  polygons: string[];
  circles: string[];
  /** Codes that some unit carries, or a unit below. */
  regions: string[];
  /** Codes that are nobody's here. */
  unknown: string[];
}

/** `regions`: the codes that units carry. */
export function areasTaken(areas: readonly NamedArea[], regions: readonly string[]): TakenAreas {
  const codes = [...new Set(areas.flatMap(codesOf))];
  const isKnown = (code: string): boolean => isCarried(code, regions);
  return {
    polygons: [...new Set(areas.flatMap(({ polygons = [] }) => polygons))],
    circles: [...new Set(areas.flatMap(({ circles = [] }) => circles))],
    regions: codes.filter(isKnown),
    unknown: codes.filter((code) => !isKnown(code)),
  };
}

/** Its codes of GB/T 2260, of whatever name they stand under. */
function codesOf({ code, geocodes = [] }: NamedArea): string[] {
  const all = [...(code === undefined ? [] : [code]), ...geocodes.map(({ value }) => value)];
  return all.filter((one) => /^\d{6}(\d{3}|\d{6})?$/.test(one));
}

function isCarried(code: string, regions: readonly string[]): boolean {
  const plain = code.replace(/^(\d{6})(?:0{3}|0{6})$/, '$1');
  const stem = plain.length > 6 ? undefined : plain.replace(/(00){1,2}$/, '');
  return regions.some((region) => (stem === undefined ? region === plain : region.startsWith(stem)));
}
