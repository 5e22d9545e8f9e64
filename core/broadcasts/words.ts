/** Words that make a real warning look like a drill, or a drill like a real one: flagged to whoever signs, never changed. */
import type { Revision } from '../model/release.js';

const ofDrills =
  /仅供测试|仅为测试|测试(?:信息|消息|内容|预警|短信)|这是(?:一次|一个)?测试|演练|演习|\bexercises?\b|\bdrill\b|\btest (?:only|message|alert)\b|\bthis is (?:only )?a test\b/gi;
const ofReal =
  /(?:不是|并非|非)(?:一次)?(?:演练|演习|测试)|真实(?:预警|警报|险情|情况|发生)|不要当作演练|\bnot (?:an? )?(?:drill|exercise|test)\b|\breal (?:warning|alert|emergency)\b/gi;

type Text = Pick<Revision, 'title' | 'summary' | 'body' | 'emergency'>;

/** Each once, in the order in which they stand. Empty of what is no warning. */
export function doubtfulWords({ title, summary, body, emergency }: Text): string[] {
  if (!emergency) return [];
  const { event, instruction = '', note = '' } = emergency;
  const plain = body.replace(/<[^>]*>/g, ' ');
  const drill = emergency.status === 'Exercise';
  // Which drill it is says that it is one.
  const text = [title, summary, plain, event, instruction, ...(drill ? [] : [note])].join('\n');
  return [...new Set(Array.from(text.matchAll(drill ? ofReal : ofDrills), ([found]) => found))];
}
