/**
 * Every error a person or program can meet here: a stable code, an HTTP status, a sentence in both languages and what
 * to do next, a file of `errors/` for each room of the house. docs/errors.md is held to them by a test.
 */
import type { Said } from '../channels/channel.js';
import { accounts } from './errors/accounts.js';
import { alerts } from './errors/alerts.js';
import { broadcasts } from './errors/broadcasts.js';
import { callouts } from './errors/callouts.js';
import { documents } from './errors/documents.js';
import { fieldNames } from './errors/field-names.js';
import { freezes } from './errors/freezes.js';
import { machine } from './errors/machine.js';
import { people } from './errors/people.js';
import { plans } from './errors/plans.js';
import { releases } from './errors/releases.js';
import { requests } from './errors/requests.js';
import { reviews } from './errors/reviews.js';
import { templates } from './errors/templates.js';

export const catalogue = {
  ...requests,
  ...documents,
  ...templates,
  ...people,
  ...accounts,
  ...reviews,
  ...broadcasts,
  ...releases,
  ...freezes,
  ...callouts,
  ...alerts,
  ...plans,
  ...machine,
};

export type ErrorCode = keyof typeof catalogue;
type Details = Readonly<Record<string, string | Said>>;

/** An error with a code from the catalogue. `details` fill the sentences; `field` names the input at fault. */
export class LianfaError extends Error {
  override name = 'LianfaError';
  readonly code: ErrorCode;
  readonly details: Details;
  readonly field: string | undefined;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    super(fill(catalogue[code].said.en, details, 'en'), options);
    this.code = code;
    this.details = details;
    this.field = typeof details['field'] === 'string' ? details['field'] : undefined;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  /** The form in which the API answers it. */
  toJSON(): { code: ErrorCode; field?: string; message: Said; todo: Said } {
    const { said, todo } = catalogue[this.code];
    return {
      code: this.code,
      ...(this.field !== undefined && { field: this.field }),
      message: { zh: fill(said.zh, this.details, 'zh'), en: fill(said.en, this.details, 'en') },
      todo: { zh: fill(todo.zh, this.details, 'zh'), en: fill(todo.en, this.details, 'en') },
    };
  }
}

function fieldInChinese(path: string): string {
  const name = fieldNames[path.split('.')[0] ?? ''];
  return name ? `${name}（${path}）` : path;
}

function fill(sentence: string, details: Details, language: keyof Said): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const detail = details[name];
    if (name === 'field' && typeof detail === 'string' && language === 'zh') return fieldInChinese(detail);
    return typeof detail === 'object' ? detail[language] : (detail ?? whole);
  });
}
