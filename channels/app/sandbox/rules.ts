/** What JPush checks in the body of a push: the closed set of keys (1009), required and valid values (1002, 1003), sizes (1005). */
import { Refusal } from './codes.js';
import type { App, Device } from './apps.js';

export type Json = Record<string, unknown>;

const keys: Readonly<Record<string, readonly string[]>> = {
  '': [
    'platform',
    'audience',
    'notification',
    'message',
    'options',
    'sms_message',
    'cid',
    'inapp_message',
    'live_activity',
    'callback',
    'notification_3rd',
  ],
  audience: ['tag', 'tag_and', 'tag_not', 'alias', 'registration_id', 'segment', 'abtest', 'live_activity_id'],
  notification: ['alert', 'android', 'ios', 'hmos', 'winphone', 'voip', 'quickapp'],
  'notification.android': [
    'alert',
    'title',
    'builder_id',
    'channel_id',
    'priority',
    'category',
    'style',
    'alert_type',
    'big_text',
    'inbox',
    'big_pic_path',
    'extras',
    'large_icon',
    'small_icon_uri',
    'intent',
    'uri_activity',
    'uri_action',
    'badge_add_num',
    'badge_set_num',
    'badge_class',
    'sound',
    'show_begin_time',
    'show_end_time',
    'display_foreground',
    'icon_bg_color',
  ],
  'notification.ios': [
    'alert',
    'sound',
    'badge',
    'content-available',
    'mutable-content',
    'category',
    'extras',
    'thread-id',
    'interruption-level',
  ],
  'notification.hmos': [
    'alert',
    'title',
    'intent',
    'badge_add_num',
    'badge_set_num',
    'extras',
    'category',
    'test_message',
    'receipt_id',
    'large_icon',
    'style',
    'inbox',
    'push_type',
    'extra_data',
  ],
  message: ['msg_content', 'title', 'content_type', 'extras'],
  options: [
    'sendno',
    'time_to_live',
    'override_msg_id',
    'apns_production',
    'apns_collapse_id',
    'big_push_duration',
    'third_party_channel',
    'classification',
    'target_event',
    'test_mode',
    'unique_alias',
    'geofence',
  ],
};

const makers = ['xiaomi', 'huawei', 'honor', 'meizu', 'oppo', 'vivo', 'asus', 'fcm', 'nio', 'hmos'];
const platforms = ['android', 'ios', 'hmos', 'winphone', 'quickapp'];
const tagShape = /^[\p{Script=Han}A-Za-z0-9_@!#$&*+=.|￥]+$/u;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws Refusal */
export function checkPush(body: unknown): asserts body is Json {
  if (!isObject(body)) throw new Refusal('1003', 'The request body is not a JSON object.');
  checkKeys(body, '');
  checkPlatform(body['platform']);
  checkAudience(body['audience']);
  const { notification, message } = body;
  if (notification === undefined && message === undefined)
    throw new Refusal('1002', 'Missing parameter: notification or message.');
  if (notification !== undefined) checkNotification(notification);
  if (message !== undefined) {
    if (!isObject(message)) throw new Refusal('1003', 'Invalid parameter: message.');
    checkKeys(message, 'message');
    if (typeof message['msg_content'] !== 'string')
      throw new Refusal('1002', 'Missing parameter: message.msg_content.');
  }
  if (body['options'] !== undefined) checkOptions(body['options']);
  checkSizes(notification, message);
}

function checkKeys(value: Json, at: string): void {
  const unknown = Object.keys(value).find((name) => !keys[at]?.includes(name));
  if (unknown !== undefined) throw new Refusal('1009', `Unsupported key: ${at ? `${at}.` : ''}${unknown}`);
}

function checkPlatform(value: unknown): void {
  if (value === undefined) throw new Refusal('1002', 'Missing parameter: platform.');
  if (value === 'all') return;
  if (!Array.isArray(value) || !value.length || value.some((name) => !platforms.includes(String(name))))
    throw new Refusal('1003', 'Invalid parameter: platform.');
}

function checkAudience(value: unknown): void {
  if (value === undefined) throw new Refusal('1002', 'Missing parameter: audience.');
  if (value === 'all') return;
  if (!isObject(value) || !Object.keys(value).length) throw new Refusal('1003', 'Invalid parameter: audience.');
  checkKeys(value, 'audience');
  for (const [kind, list] of Object.entries(value)) {
    const most =
      kind === 'segment' || kind === 'abtest' ? 1 : kind === 'alias' || kind === 'registration_id' ? 1_000 : 20;
    if (!Array.isArray(list) || !list.length || list.length > most)
      throw new Refusal('1003', `Invalid parameter: audience.${kind}.`);
    if (
      (kind.startsWith('tag') || kind === 'alias') &&
      list.some((name) => typeof name !== 'string' || !tagShape.test(name) || Buffer.byteLength(name) > 40)
    ) {
      throw new Refusal('1003', `Invalid parameter: audience.${kind}.`);
    }
  }
}

function checkNotification(notification: unknown): void {
  if (!isObject(notification)) throw new Refusal('1003', 'Invalid parameter: notification.');
  checkKeys(notification, 'notification');
  for (const platform of ['android', 'ios', 'hmos']) {
    const block = notification[platform];
    if (block === undefined) continue;
    if (!isObject(block)) throw new Refusal('1003', `Invalid parameter: notification.${platform}.`);
    checkKeys(block, `notification.${platform}`);
    if (block['alert'] === undefined && notification['alert'] === undefined)
      throw new Refusal('1002', `Missing parameter: notification.${platform}.alert.`);
  }
  const android = notification['android'];
  if (isObject(android)) {
    const { priority, style } = android;
    if (priority !== undefined && ![-2, -1, 0, 1, 2].includes(Number(priority)))
      throw new Refusal('1003', 'Invalid parameter: notification.android.priority.');
    if (style !== undefined && ![0, 1, 2, 3].includes(Number(style)))
      throw new Refusal('1003', 'Invalid parameter: notification.android.style.');
  }
}

function checkOptions(options: unknown): void {
  if (!isObject(options)) throw new Refusal('1003', 'Invalid parameter: options.');
  checkKeys(options, 'options');
  const live = options['time_to_live'];
  if (live !== undefined && (!Number.isInteger(Number(live)) || Number(live) < 0 || Number(live) > 864_000))
    throw new Refusal('1003', 'Invalid parameter: options.time_to_live.');
  const vendors = options['third_party_channel'];
  if (
    vendors !== undefined &&
    (!isObject(vendors) || Object.entries(vendors).some(([name, order]) => !makers.includes(name) || !isObject(order)))
  )
    throw new Refusal('1003', 'Invalid parameter: options.third_party_channel.');
  if (options['classification'] !== undefined && ![0, 1].includes(Number(options['classification'])))
    throw new Refusal('1003', 'Invalid parameter: options.classification.');
  const slow = options['big_push_duration'];
  if (slow !== undefined && !(Number(slow) > 0 && Number(slow) <= 1_400))
    throw new Refusal('1003', 'Invalid parameter: options.big_push_duration.');
  if (Buffer.byteLength(String(options['apns_collapse_id'] ?? '')) > 64)
    throw new Refusal('1003', 'Invalid parameter: options.apns_collapse_id.');
}

function checkSizes(notification: unknown, message: unknown): void {
  const bytes = (value: unknown) => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)));
  const block = isObject(notification) ? notification : {};
  if (bytes(block['android'] ?? block['alert']) + bytes(message) > 4_000)
    throw new Refusal('1005', 'The android notification and message are larger than 4000 bytes.');
  if (bytes(block['ios']) > 2_000) throw new Refusal('1005', 'The ios notification is larger than 2000 bytes.');
}

/** The phones a checked body reaches: kinds intersect, inside a kind any of `tag`, all of `tag_and`, none of `tag_not`. */
export function targets(app: App, body: Json): Device[] {
  if (app.noTargets) return [];
  const wanted = body['platform'];
  const audience = isObject(body['audience']) ? body['audience'] : {};
  const list = (kind: string) => (Array.isArray(audience[kind]) ? audience[kind].map(String) : undefined);
  const [tag, tagAnd, tagNot, alias, ids] = ['tag', 'tag_and', 'tag_not', 'alias', 'registration_id'].map(list);
  return [...app.devices.values()].filter(
    (device) =>
      (!Array.isArray(wanted) || wanted.includes(device.platform)) &&
      (!tag || tag.some((name) => hasTag(device, name))) &&
      (!tagAnd || tagAnd.every((name) => hasTag(device, name))) &&
      !tagNot?.some((name) => hasTag(device, name)) &&
      (!alias || alias.includes(device.alias)) &&
      (!ids || ids.includes(device.id)),
  );
}

function hasTag(device: Device, name: string): boolean {
  return device.tags.has(name) || (device.everywhere && /^\d{6}$/.test(name));
}
