/** A form out of a channel's own JSON Schema: which fields it has, and what was typed as the values that the hub takes. */

export interface Shown {
  type?: string | string[];
  title?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  properties?: Record<string, Shown>;
  required?: string[];
  items?: Shown;
  anyOf?: Shown[];
  oneOf?: Shown[];
}

/** How a field is filled in. `json`: what has parts of its own. */
export type Kind = 'words' | 'number' | 'yes' | 'choice' | 'lines' | 'json';

export interface Field {
  name: string;
  /** `中文 / English`, as everything a channel says of its settings. */
  title: string;
  kind: Kind;
  required: boolean;
  choices: string[];
  /** What holds where nothing is filled in. */
  usual: string;
}

export type Typed = Record<string, string | boolean>;

/** The forms that a schema offers: one, or several of which one is chosen. */
export function variantsOf(schema: Shown): Shown[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

/** What a variant is called by: the values that it alone has, else its fields. */
export function nameOf({ properties = {} }: Shown): string {
  const fixed = Object.values(properties).flatMap((field) => (field.const === undefined ? [] : [String(field.const)]));
  return (fixed.length > 0 ? fixed : Object.keys(properties)).join(', ');
}

/** Required ones first; what a variant fixes is no field. */
export function fieldsOf({ properties = {}, required = [] }: Shown): Field[] {
  const fields = Object.entries(properties)
    .filter(([, field]) => field.const === undefined)
    .map(([name, field]) => ({
      name,
      title: field.title ?? name,
      kind: kindOf(field),
      required: required.includes(name),
      choices: (field.enum ?? []).map(String),
      usual: ['string', 'number'].includes(typeof field.default) ? String(field.default) : '',
    }));
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

function kindOf({ type, enum: choices, items, properties, anyOf, oneOf }: Shown): Kind {
  if (choices) return 'choice';
  if (type === 'boolean') return 'yes';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'array') return items?.type === 'string' && !items.enum ? 'lines' : 'json';
  return type === 'object' || properties || anyOf || oneOf || Array.isArray(type) ? 'json' : 'words';
}

/** Of a field that holds what is no JSON. */
export class Unreadable extends Error {
  readonly field: string;
  constructor(field: string) {
    super(`${field} is no JSON`);
    this.field = field;
  }
}

/** What was typed, and what the variant fixes. What was left empty is left out. @throws Unreadable */
export function valuesOf(variant: Shown, typed: Typed): Record<string, unknown> {
  const fixed = Object.entries(variant.properties ?? {}).filter(([, field]) => field.const !== undefined);
  const filled = fieldsOf(variant).flatMap(({ name, kind }) => {
    const value = valueOf(name, kind, typed[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries([...fixed.map(([name, field]) => [name, field.const] as const), ...filled]);
}

function valueOf(name: string, kind: Kind, typed: string | boolean | undefined): unknown {
  if (typeof typed === 'boolean') return typed;
  const text = typed?.trim() ?? '';
  if (text === '') return undefined;
  switch (kind) {
    case 'number':
      return Number(text);
    case 'lines':
      return text.split('\n').flatMap((line) => line.trim() || []);
    case 'json':
      return readJson(name, text);
    default:
      return text;
  }
}

function readJson(name: string, text: string): unknown {
  // A word by itself is one: some settings take a word or a table.
  if (/^[a-z]+$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable(name);
  }
}

/** Values as they are typed, to be changed. */
export function typedOf(variant: Shown, values: Readonly<Record<string, unknown>>): Typed {
  const typed: Typed = {};
  for (const { name, kind } of fieldsOf(variant)) {
    const value = values[name];
    if (value === undefined) continue;
    if (typeof value === 'boolean') typed[name] = value;
    else if (kind === 'lines' && Array.isArray(value)) typed[name] = value.join('\n');
    else typed[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return typed;
}

/** The variant whose fixed values these are; the first where none is. */
export function variantFor(schema: Shown, values: Readonly<Record<string, unknown>>): number {
  const place = variantsOf(schema).findIndex(({ properties = {} }) =>
    Object.entries(properties).every(([name, field]) => field.const === undefined || field.const === values[name]),
  );
  return Math.max(0, place);
}
