/** Bytes become an alert, or a refusal that names element and line: first the file as such, then what the standard's prose asks of its parts together. Pure. */
import { createHash } from 'node:crypto';
import type { Said } from '../../channels/channel.js';
import { scopeValues, statusValues, typeValues } from '../model/alert.js';
import type {
  Alert,
  AlertArea,
  AlertFault,
  AlertInfo,
  AlertResource,
  NamedValue,
  ReadAlert,
  Reference,
} from './alert.js';
import { textOf } from './decode.js';
import { parseAlert, type Node } from './parse.js';
import { collapsed } from './values.js';

/** Bytes of a message: more than a hundred times the largest that we have met. */
export const alertLimit = 8 * 1024 * 1024;

/** `from`: the line of its file on which the message begins. @throws nothing: what is wrong is answered */
export function readAlert(bytes: Buffer, from = 1): ReadAlert {
  const read = readWhole(bytes);
  return 'fault' in read && from > 1 ? { fault: { ...read.fault, line: read.fault.line + from - 1 } } : read;
}

function readWhole(bytes: Buffer): ReadAlert {
  if (bytes.length > alertLimit) return { fault: tooLarge };
  const decoded = textOf(bytes);
  if ('fault' in decoded) return decoded;
  const parsed = parseAlert(decoded.text);
  if ('fault' in parsed) return parsed;
  const alert = alertOf(parsed.root, parsed.signatures);
  const fault = faultOf(parsed.root, alert);
  if (fault) return { fault };
  return {
    alert,
    encoding: decoded.encoding,
    digest: createHash('sha256').update(JSON.stringify(alert)).digest('hex'),
  };
}

const tooLarge: AlertFault = {
  element: 'alert',
  line: 1,
  reason: {
    zh: `文件超过 ${alertLimit / 1024 / 1024} MB 的上限，没有读取。`,
    en: `the file is larger than the bound of ${alertLimit / 1024 / 1024} MB and was not read.`,
  },
};

function alertOf(root: Node, signatures: number): Alert {
  return {
    identifier: text(root, 'identifier'),
    sender: text(root, 'sender'),
    sent: text(root, 'sent'),
    status: valueOf(statusValues, text(root, 'status')),
    msgType: valueOf(typeValues, text(root, 'msgType')),
    scope: valueOf(scopeValues, text(root, 'scope')),
    ...texts(root, ['source', 'restriction', 'note']),
    addresses: quotedList(text(root, 'addresses')),
    codes: all(root, 'code').flatMap(filled),
    references: referencesOf(text(root, 'references')),
    incidents: quotedList(text(root, 'incidents')),
    infos: all(root, 'info').map(infoOf),
    signatures,
  };
}

function infoOf(info: Node): AlertInfo {
  return {
    language: text(info, 'language') || 'en-US',
    categories: all(info, 'category').flatMap(filled),
    event: text(info, 'event'),
    responseTypes: all(info, 'responseType').flatMap(filled),
    urgency: text(info, 'urgency'),
    severity: text(info, 'severity'),
    certainty: text(info, 'certainty'),
    eventCodes: all(info, 'eventCode').map(named),
    ...texts(info, [
      'audience',
      'effective',
      'onset',
      'expires',
      'senderName',
      'headline',
      'description',
      'instruction',
      'web',
      'contact',
    ]),
    parameters: all(info, 'parameter').map(named),
    resources: all(info, 'resource').map(resourceOf),
    areas: all(info, 'area').map(areaOf),
  };
}

function areaOf(area: Node): AlertArea {
  return {
    areaDesc: text(area, 'areaDesc'),
    polygons: all(area, 'polygon').flatMap(filled).map(collapsed),
    circles: all(area, 'circle').flatMap(filled).map(collapsed),
    geocodes: all(area, 'geocode').map(named),
    ...texts(area, ['altitude', 'ceiling']),
  };
}

function resourceOf(resource: Node): AlertResource {
  const content = text(resource, 'derefUri');
  const { size, digest, uri } = texts(resource, ['size', 'digest', 'uri']);
  const bytes = Buffer.from(content, 'base64');
  return {
    resourceDesc: text(resource, 'resourceDesc'),
    mimeType: text(resource, 'mimeType'),
    ...(size !== undefined && { size }),
    ...(uri !== undefined && { uri }),
    ...(content && {
      enclosed: {
        bytes: bytes.length,
        sizeFits: size === undefined || Number(size) === bytes.length,
        digestFits: digest === undefined || createHash('sha1').update(bytes).digest('hex') === digest.toLowerCase(),
      },
    }),
  };
}

function named(pair: Node): NamedValue {
  return { valueName: text(pair, 'valueName'), value: text(pair, 'value') };
}

function all(node: Node, name: string): Node[] {
  return node.children.filter((child) => child.name === name);
}

/** Without the blanks around it; empty where it is not there. */
function text(node: Node, name: string): string {
  return node.children.find((child) => child.name === name)?.text.trim() ?? '';
}

function filled(node: Node): string[] {
  const said = node.text.trim();
  return said ? [said] : [];
}

function texts<K extends string>(node: Node, names: readonly K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) {
    const said = text(node, name);
    if (said) found[name] = said;
  }
  return found;
}

function valueOf<T extends string>(values: readonly T[], said: string): T {
  const found = values.find((value) => value === said);
  if (found === undefined) throw new RangeError(`"${said}" passed its check and is none of ${values.join(', ')}`);
  return found;
}

/** `"duty desk one" desk2@alert.example`: parted by blanks, but for what stands in quotes. */
function quotedList(said: string): string[] {
  return [...said.matchAll(/"([^"]*)"|(\S+)/g)].flatMap(([, quoted, bare]) => quoted ?? bare ?? []).filter(Boolean);
}

function referencesOf(said: string): Reference[] {
  return collapsed(said)
    .split(' ')
    .filter(Boolean)
    .map((one) => {
      const [sender = '', identifier = '', sent = ''] = one.split(',');
      return { sender, identifier, sent };
    });
}

/** What hangs on more than one element (CAP 1.2, 3.2). */
function faultOf(root: Node, alert: Alert): AlertFault | undefined {
  return scopeFault(root, alert) ?? referenceFault(root, alert) ?? all(root, 'info').map(infoFault).find(Boolean);
}

function scopeFault(root: Node, { scope, restriction, addresses }: Alert): AlertFault | undefined {
  const line = lineOf(root, 'scope');
  if (scope === 'Restricted' && restriction === undefined)
    return fault('restriction', line, {
      zh: '限定范围（Restricted）的预警必须写明限定的规则（restriction）。',
      en: 'missing: a Restricted alert must say the rule of its restriction.',
    });
  if (scope !== 'Restricted' && restriction !== undefined)
    return fault('restriction', lineOf(root, 'restriction'), {
      zh: `写了限定规则，范围却是 ${scope}：不清楚它能不能公开。`,
      en: `it states a restriction while its scope is ${scope}: whether it is for the public is not clear.`,
    });
  return scope === 'Private' && addresses.length === 0
    ? fault('addresses', line, {
        zh: '点名发送（Private）的预警必须写明收件人（addresses）。',
        en: 'missing: a Private alert must say to whom it goes.',
      })
    : undefined;
}

function referenceFault(root: Node, { msgType, references, ...own }: Alert): AlertFault | undefined {
  const line = lineOf(root, 'references') || lineOf(root, 'msgType');
  const empty = lineOf(root, 'references') > 0;
  if (msgType !== 'Alert' && references.length === 0)
    return fault('references', line, {
      zh: `${empty ? '为空' : '缺少'}：${msgType} 必须写明它针对的是哪一条（references）。`,
      en: `${empty ? 'empty' : 'missing'}: ${/^[AEU]/.test(msgType) ? 'an' : 'a'} ${msgType === 'Update' ? 'Update must say what it updates' : `${msgType} must say what it refers to`}.`,
    });
  const itself = references.some(
    ({ sender, identifier, sent }) =>
      sender === own.sender && identifier === own.identifier && Date.parse(sent) === Date.parse(own.sent),
  );
  return itself ? fault('references', line, { zh: '引用的是它自己。', en: 'it refers to itself.' }) : undefined;
}

function infoFault(info: Node): AlertFault | undefined {
  for (const resource of all(info, 'resource')) {
    const uri = text(resource, 'uri');
    if (uri && !/^[a-z][a-z\d+.-]*:/i.test(uri) && !text(resource, 'derefUri'))
      return fault('uri', lineOf(resource, 'uri'), {
        zh: '不是完整的网址，又没有随附内容（derefUri）。',
        en: 'it is no whole address, and no content (derefUri) comes with it.',
      });
  }
  for (const area of all(info, 'area'))
    if (text(area, 'ceiling') && !text(area, 'altitude'))
      return fault('ceiling', lineOf(area, 'ceiling'), {
        zh: '有上限高度而没有起始高度（altitude）。',
        en: 'it stands without an altitude.',
      });
  return undefined;
}

function fault(element: string, line: number, reason: Said): AlertFault {
  return { element, line, reason };
}

function lineOf(node: Node, name: string): number {
  return node.children.find((child) => child.name === name)?.line ?? 0;
}
