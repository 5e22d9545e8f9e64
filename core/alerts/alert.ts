/** A message of the Common Alerting Protocol (OASIS CAP 1.2) as it was read, under the standard's own names; and what keeps one from being read. */
import type { Said } from '../../channels/channel.js';
import type { scopeValues, statusValues, typeValues } from '../model/alert.js';

export interface NamedValue {
  valueName: string;
  value: string;
}

/** The identity of another message. */
export interface Reference {
  sender: string;
  identifier: string;
  /** As written, with its offset. */
  sent: string;
}

export interface AlertArea {
  areaDesc: string;
  /** CAP's own notation with single blanks: `lat,lon lat,lon …`, closed. */
  polygons: string[];
  /** `lat,lon km`. */
  circles: string[];
  geocodes: NamedValue[];
  altitude?: string;
  ceiling?: string;
}

export interface AlertResource {
  resourceDesc: string;
  mimeType: string;
  size?: string;
  uri?: string;
  /** Bytes of what came with the message, and whether `size` and `digest` fit them; the content itself stays in the raw message. */
  enclosed?: { bytes: number; sizeFits: boolean; digestFits: boolean };
}

/** What one block of the message says. Empty elements are absent. */
export interface AlertInfo {
  /** `en-US` where it is not said, as the standard has it. */
  language: string;
  categories: string[];
  event: string;
  responseTypes: string[];
  urgency: string;
  severity: string;
  certainty: string;
  audience?: string;
  eventCodes: NamedValue[];
  /** Times as written, with their offset. */
  effective?: string;
  onset?: string;
  expires?: string;
  senderName?: string;
  headline?: string;
  description?: string;
  instruction?: string;
  web?: string;
  contact?: string;
  parameters: NamedValue[];
  resources: AlertResource[];
  areas: AlertArea[];
}

export interface Alert {
  identifier: string;
  sender: string;
  /** As written, with its offset. */
  sent: string;
  status: (typeof statusValues)[number];
  msgType: (typeof typeValues)[number];
  scope: (typeof scopeValues)[number];
  source?: string;
  restriction?: string;
  addresses: string[];
  codes: string[];
  note?: string;
  references: Reference[];
  incidents: string[];
  infos: AlertInfo[];
  /** XML signatures that it carries. Nobody has checked them. */
  signatures: number;
}

/** Why a message is no alert: the element and the line at which whoever sent it looks. */
export interface AlertFault {
  /** Without a prefix. */
  element: string;
  line: number;
  reason: Said;
}

/** `digest`: SHA-256 over what it says, whatever its spelling and encoding. */
export type ReadAlert = { alert: Alert; encoding: string; digest: string } | { fault: AlertFault };
