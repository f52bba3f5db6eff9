import { html, type TemplateResult } from 'lit';
import { fieldName } from '../credentials/field-names.js';
import { icon } from '../elements/icon.js';
import { roleName } from '../frame/person-menu.js';
import { stores } from '../frame/stores.js';
import { verdictText } from '../keys/verdicts.js';
import { dateTime, duration, list, number } from '../texts/format.js';
import { isTextKey, t, type TextKey } from '../texts/texts.js';
import { nounOf, type Change, type Entry } from './entry.js';
import './named-ids.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const DURATION = /^P(?=\d|T\d)(\d+[WD])*(T(\d+(\.\d+)?[HMS])+)?$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LIMIT = /^(\d+) in (P\w+)$/;
const EMPTY = '–';

/** Settings of the organization, as its form calls them. */
const SETTINGS: Readonly<Record<string, TextKey>> = {
  name: 'settings.organization.name', locale: 'settings.organization.locale', keyPrefix: 'settings.organization.keyPrefix',
  'defaults.rateLimit.limit': 'settings.organization.limit', 'defaults.rateLimit.window': 'elements.limit.window', keyMaxAge: 'settings.organization.keyMaxAge',
  recoverableKeys: 'settings.organization.recoverableKeys', requireStore: 'settings.organization.requireStore',
  unknownOperations: 'settings.organization.unknownOperations', notificationEmails: 'settings.organization.emails',
  notifyByEmail: 'settings.organization.kinds', credentialTestInterval: 'settings.organization.testInterval',
};

/** What a value means, by the noun and the field that hold it: the key of its text. */
const MEANINGS: Readonly<Record<string, (value: string) => string>> = {
  'credential.status': (value) => `credentials.status.${value}`, 'credential.type': (value) => `credentials.type.${value}`,
  'credential.test': own, 'session.by': own, 'session.reason': own, 'webhook.reason': own, 'key.rateLimit': own,
  'key.environment': (value) => `keys.environment.${value}`, 'organization.locale': (value) => `frame.languages.${value}`,
  'organization.unknownOperations': (value) => `settings.organization.${value}`, 'organization.notifyByEmail': (value) => `settings.kinds.${value}`,
};

function own(value: string): string {
  return `activity.value.${value.replaceAll(' ', '-')}`;
}

/** What changed, each field with what it held before and after. */
export function changesOf(entry: Entry): TemplateResult {
  const made = isMade(entry);
  return html`<dl class="changes">${apart(entry.changes).map((change) => html`<div><dt>${fieldText(entry, change.field)}</dt><dd translate="no">${isNote(change, made)
    ? valueOf(entry, change.field, change.after)
    : html`<span class="visually-hidden">${t('activity.before')}: </span><del>${valueOf(entry, change.field, change.before)}</del> ${icon('right')}
      <span class="visually-hidden">${t('activity.after')}: </span><ins>${valueOf(entry, change.field, change.after)}</ins>`}</dd></div>`)}</dl>`;
}

/** What unfolds, in a line: which fields. */
export function summaryOf(entry: Entry): string {
  const all = apart(entry.changes);
  const fields = [...new Set(all.map((change) => fieldText(entry, change.field)))].join(', ');
  return all.length === 0 ? t('activity.details') : all.every((change) => isNote(change, isMade(entry))) ? t('activity.noted', { fields }) : t('activity.changed', { count: all.length, fields });
}

/** What was not there before has no before that would have to be told. */
function isMade({ action }: Entry): boolean {
  return !action.endsWith('.updated');
}

function isNote({ field, before, after }: Change, made: boolean): boolean {
  return before === null && (made || field === 'secrets' || field === 'test' || (field === 'headers' && after !== null));
}

/** Objects field by field: the parts of a credential. */
function apart(changes: readonly Change[]): Change[] {
  return changes.flatMap((change) => {
    const { field, before, after } = change;
    if ((field !== 'data' && field !== 'variables') || !(isObject(before) || before === null) || !(isObject(after) || after === null)) {
      return [change];
    }
    const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    return names.map((name): Change => ({ field: `${field}.${name}`, before: before?.[name] ?? null, after: after?.[name] ?? null }))
      .filter((part) => JSON.stringify(part.before) !== JSON.stringify(part.after));
  });
}

export function fieldText({ action }: Entry, field: string): string {
  const noun = nounOf(action);
  if (noun === 'organization' && SETTINGS[field]) {
    return t(SETTINGS[field]);
  }
  if (noun === 'credential' && /^(data|variables)\./.test(field)) {
    return fieldName(field, null);
  }
  const known = (noun === 'key' ? [`keys.field.${field}`, `activity.field.${field}`] : [`activity.field.${field}`, `keys.field.${field}`]).find(isTextKey);
  return known ? t(known as TextKey) : field;
}

function valueOf(entry: Entry, field: string, value: unknown): TemplateResult | string {
  if (value === null || value === undefined || value === '') {
    return field === 'expiresAt' && nounOf(entry.action) === 'key' ? t('keys.expiry.never') : EMPTY;
  }
  if (field === 'keyIds' || field === 'credentialIds') {
    return html`<lk-named-ids kind=${field === 'keyIds' ? 'keys' : 'credentials'} .ids=${Array.isArray(value) ? value.map(String) : []}></lk-named-ids>`;
  }
  return textOf(entry, field, value);
}

function textOf(entry: Entry, field: string, value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? EMPTY : field === 'parts' ? list(value.map((part: unknown) => t(part === 'secret' ? 'keys.new.secret' : 'keys.new.key')))
      : value.map((each) => textOf(entry, field, each)).join(', ');
  }
  if (isObject(value)) {
    return field === 'codes' ? list(Object.entries(value).map(([code, count]) => `${verdictText(code)} (${number(Number(count))})`))
      : Object.entries(value).map(([name, each]) => `${name}: ${typeof each === 'object' ? JSON.stringify(each) : String(each)}`).join(', ');
  }
  if (typeof value === 'boolean') {
    return t(value ? 'activity.yes' : 'activity.no');
  }
  return typeof value === 'number' ? number(value) : spoken(entry, field, String(value));
}

/** What a word of the API means, where that is known. */
function spoken({ action }: Entry, field: string, value: string): string {
  const meaning = MEANINGS[`${nounOf(action)}.${field}`]?.(value);
  if (meaning && isTextKey(meaning)) {
    return t(meaning);
  }
  if ((field === 'access' || field === 'stores') && value === 'all') {
    return t('keys.access.all');
  }
  if (field === 'roles') {
    return roleName(value);
  }
  if (ID.test(value)) {
    return stores.value?.find((store) => store.id === value)?.name ?? value;
  }
  const limit = LIMIT.exec(value);
  if (limit) {
    return t('activity.value.limit', { limit: number(Number(limit[1])), window: duration(limit[2]!) });
  }
  return INSTANT.test(value) ? dateTime(value) : DURATION.test(value) ? duration(value) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
