/** The elements of CAP 1.2 in the order of its schema (OASIS, section 3.4): how often each stands, and what it holds. */
import { certainties, categories, urgencies } from '../../channels/emergency.js';
import { scopeValues, statusValues, typeValues } from '../model/alert.js';
import {
  anything,
  circle,
  decimal,
  integer,
  language,
  moment,
  name,
  oneOf,
  polygon,
  references,
  words,
  type Check,
} from './values.js';

export const namespace = 'urn:oasis:names:tc:emergency:cap:1.2';
export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#';

/** A parent of elements in a fixed order, or a text that is checked. */
export type Content = { children: readonly Element[] } | { check: Check };

export interface Element {
  name: string;
  required: boolean;
  many: boolean;
  content: Content;
}

const responseValues = [
  'Shelter',
  'Evacuate',
  'Prepare',
  'Execute',
  'Avoid',
  'Monitor',
  'Assess',
  'AllClear',
  'None',
] as const;
export const severityValues = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;

const one = (element: string, check: Check): Element => of(element, true, false, { check });
const maybe = (element: string, check: Check): Element => of(element, false, false, { check });
const some = (element: string, check: Check): Element => of(element, false, true, { check });
const blocks = (element: string, children: readonly Element[]): Element => of(element, false, true, { children });

function of(element: string, required: boolean, many: boolean, content: Content): Element {
  return { name: element, required, many, content };
}

const named = [one('valueName', anything), one('value', anything)];

const resource = [
  one('resourceDesc', anything),
  one('mimeType', anything),
  maybe('size', integer),
  maybe('uri', anything),
  maybe('derefUri', anything),
  maybe('digest', anything),
];

const area = [
  one('areaDesc', anything),
  some('polygon', polygon),
  some('circle', circle),
  blocks('geocode', named),
  maybe('altitude', decimal),
  maybe('ceiling', decimal),
];

const info = [
  maybe('language', language),
  of('category', true, true, { check: oneOf(categories) }),
  one('event', words),
  some('responseType', oneOf(responseValues)),
  one('urgency', oneOf(urgencies)),
  one('severity', oneOf(severityValues)),
  one('certainty', oneOf(certainties)),
  maybe('audience', anything),
  blocks('eventCode', named),
  maybe('effective', moment),
  maybe('onset', moment),
  maybe('expires', moment),
  maybe('senderName', anything),
  maybe('headline', anything),
  maybe('description', anything),
  maybe('instruction', anything),
  maybe('web', anything),
  maybe('contact', anything),
  blocks('parameter', named),
  blocks('resource', resource),
  blocks('area', area),
];

export const alertElement: Element = of('alert', true, false, {
  children: [
    one('identifier', name),
    one('sender', name),
    one('sent', moment),
    one('status', oneOf(statusValues)),
    one('msgType', oneOf(typeValues)),
    maybe('source', anything),
    one('scope', oneOf(scopeValues)),
    maybe('restriction', anything),
    maybe('addresses', anything),
    some('code', anything),
    maybe('note', anything),
    maybe('references', references),
    maybe('incidents', anything),
    blocks('info', info),
  ],
});
