/** `users/show` and `account/get_uid`: who somebody is, and whose token this is. */
import { Refusal } from './failures.js';
import type { Parameters } from './forms.js';
import { isUid, type User, type WeiboState } from './state.js';
import { nameOf, statusJson, userJson } from './statuses.js';

/** By `uid` or by `screen_name`; of the two one must be given, and one alone. */
export function show(state: WeiboState, parameters: Parameters, url: string): string {
  const [uid, name] = [parameters.get('uid'), parameters.get('screen_name')];
  if ((uid === undefined) === (name === undefined)) throw new Refusal('10008');
  const user = uid === undefined ? state.users().find((one) => nameOf(one.uid) === name) : known(state, uid);
  if (!user) throw new Refusal('20003');
  const newest = user.posts.findLast((post) => post.at <= state.now());
  const more = [
    '"province":"35","city":"1","location":"福建 福州","description":"","url":"","domain":"","gender":"m"',
    `"profile_image_url":"${url}/avatar/${user.uid}","profile_url":"u/${user.uid}"`,
    `"followers_count":0,"friends_count":0,"favourites_count":0,"statuses_count":${user.posts.length}`,
    '"verified_type":1,"verified_reason":"","allow_all_act_msg":false,"geo_enabled":true,"lang":"zh-cn"',
    ...(newest ? [`"status":${statusJson(state, newest, url)}`] : []),
  ].join(',');
  return `${userJson(user.uid).slice(0, -1)},${more}}`;
}

function known(state: WeiboState, uid: string): User | undefined {
  return isUid(uid) ? state.user(uid) : undefined;
}

export function getUid({ uid }: User): string {
  return `{"uid":${uid}}`;
}
