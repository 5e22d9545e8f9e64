/** A message of CAP 1.2, as a weather office sends it. */
export interface CapMessage {
  sender: string;
  identifier: string;
  headline: string;
  /** Of the message that this one updates. */
  updates?: { identifier: string; sent: Date };
  sent: Date;
  expires: Date;
}

export function capOf({ sender, identifier, headline, updates, sent, expires }: CapMessage): string {
  const references = updates && `${sender},${updates.identifier},${instant(updates.sent)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>${identifier}</identifier>
  <sender>${sender}</sender>
  <sent>${instant(sent)}</sent>
  <status>Actual</status>
  <msgType>${updates ? 'Update' : 'Alert'}</msgType>
  <source>示例省气象台</source>
  <scope>Public</scope>${references === undefined ? '' : `\n  <references>${references}</references>`}
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>台风</event>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Likely</certainty>
    <onset>${instant(sent)}</onset>
    <expires>${instant(expires)}</expires>
    <headline>${headline}</headline>
    <description>${headline}：台风将于今天夜间登陆。</description>
    <instruction>停止户外活动。</instruction>
    <parameter><valueName>颜色</valueName><value>红色</value></parameter>
    <area>
      <areaDesc>示例省</areaDesc>
      <geocode><valueName>CN-GB2260</valueName><value>350000</value></geocode>
    </area>
  </info>
</alert>`;
}

/** CAP knows no fractions of a second and no Z. */
function instant(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, '-00:00');
}
