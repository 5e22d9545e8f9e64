/** The country as tiles, by GB/T 2260 codes: province by two digits, city by four. No boundary is drawn, so none can be drawn wrong. */
import type { Store } from '../store/store.js';

export const country = '000000';

/** Names of the first level, GB/T 2260-2007 and its amendments; those below are called as their own governments are. */
const provinces: Readonly<Record<string, string>> = {
  '11': '北京',
  '12': '天津',
  '13': '河北',
  '14': '山西',
  '15': '内蒙古',
  '21': '辽宁',
  '22': '吉林',
  '23': '黑龙江',
  '31': '上海',
  '32': '江苏',
  '33': '浙江',
  '34': '安徽',
  '35': '福建',
  '36': '江西',
  '37': '山东',
  '41': '河南',
  '42': '湖北',
  '43': '湖南',
  '44': '广东',
  '45': '广西',
  '46': '海南',
  '50': '重庆',
  '51': '四川',
  '52': '贵州',
  '53': '云南',
  '54': '西藏',
  '61': '陕西',
  '62': '甘肃',
  '63': '青海',
  '64': '宁夏',
  '65': '新疆',
  '71': '台湾',
  '81': '香港',
  '82': '澳门',
};

/** `350102` lies in city `350100`, that in province `350000`, that in the country. */
export function above(code: string): string[] {
  const all = [country, `${code.slice(0, 2)}0000`, `${code.slice(0, 4)}00`, code];
  return [...new Set(all)].slice(0, [...new Set(all)].indexOf(code));
}

/** Which tile of a region a code belongs to; undefined where the tiles are units. */
export function childOf(region: string, code: string): string | undefined {
  if (region === country) return `${code.slice(0, 2)}0000`;
  return region.endsWith('0000') ? `${code.slice(0, 4)}00` : undefined;
}

/** Called after the highest unit that bears the code, else as the standard calls the province, else by the code itself. */
export async function regionNames(store: Store, codes: readonly string[]): Promise<Map<string, string>> {
  const units = await store.organizations.find({ region: { $in: [...codes] } }, { name: 1, region: 1, path: 1 }).lean();
  const highest = new Map<string, { name: string; path: string }>();
  for (const unit of units) {
    const known = highest.get(unit.region);
    if (!known || unit.path.length < known.path.length) highest.set(unit.region, unit);
  }
  const nameOf = (code: string): string => {
    if (code === country) return '全国';
    const province = code.endsWith('0000') ? provinces[code.slice(0, 2)] : undefined;
    return province ?? highest.get(code)?.name.replace(/人民政府$/, '') ?? code;
  };
  return new Map(codes.map((code) => [code, nameOf(code)]));
}
