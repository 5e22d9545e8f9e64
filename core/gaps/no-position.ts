import type { Gap, GapKind, SeenAccount } from './gap.js';

/** A shape asks where the unit lies, and neither its position nor an outline of its region is known: it is not reached. */
export const noPosition: GapKind = {
  kind: 'no_position',
  said: { zh: '单位没有位置', en: 'Unit without a position' },
  open() {
    const told = new Set<string>();
    const gapOf = ({ organization, name, region }: SeenAccount): Gap[] => {
      if (told.has(organization)) return [];
      told.add(organization);
      return [
        {
          of: { organization, region },
          name: organization,
          said: {
            zh: `没有位置，地区 ${region} 也没有边界，无法判断是否在图形之内（账号“${name}”等不会收到）。`,
            en: `It has no position and its region ${region} no outline, so nobody knows whether it lies in the shape; “${name}” gets nothing.`,
          },
          act: {
            said: {
              zh: '填写单位的经纬度，或导入地区边界',
              en: 'Give the unit a position, or import outlines of regions',
            },
            link: `/units?words=${encodeURIComponent(organization)}`,
            command: 'lianfa regions import FILE',
          },
        },
      ];
    };
    return {
      see: (page) => page.filter(({ enabled, standing }) => enabled && standing === 'unplaced').flatMap(gapOf),
    };
  },
};
