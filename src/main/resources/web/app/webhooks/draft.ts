import { NO_HEADER, type HeaderDraft } from '../elements/headers-field.js';
import { isTextKey, t, type TextKey } from '../texts/texts.js';
import type { Webhook } from './webhook.js';

/** A webhook as it is being typed, its fields by the names that the API gives them. Its rules are the API's. */
export interface WebhookDraft {
  readonly url: string;
  readonly events: readonly string[];
  readonly reach: 'all' | 'stores';
  /** By key. */
  readonly stores: readonly string[];
  readonly description: string;
  readonly headers: readonly HeaderDraft[];
  readonly active: boolean;
}

export type Body = Readonly<Record<string, unknown>>;

/** A new webhook. For one store if it is made on the page of a store. */
export function newDraft(store: string | null): WebhookDraft {
  return { url: '', events: [], reach: store ? 'stores' : 'all', stores: store ? [store] : [], description: '', headers: [], active: true };
}

export function draftOf({ url, events, stores, description, headers, active }: Webhook): WebhookDraft {
  return {
    url, events, reach: stores === 'all' ? 'all' : 'stores', stores: stores === 'all' ? [] : stores.map((store) => store.key), description: description ?? '',
    headers: Object.keys(headers).map((name) => ({ ...NO_HEADER, stored: name, name })), active,
  };
}

/** All but the headers, of which an edit says only what changes. */
function editable({ url, events, reach, stores, description, active }: WebhookDraft): Body {
  return { url: url.trim(), events, stores: reach === 'all' ? null : stores, description: description.trim() || null, active };
}

export function bodyOfNew(draft: WebhookDraft): Body {
  const headers = draft.headers.filter((header) => header.name.trim() || header.value);
  return { ...editable(draft), headers: Object.fromEntries(headers.map((header) => [header.name.trim(), header.value.trim()])) };
}

/** What an edit sends: only what was changed, as a merge patch; a value that was left empty stays. */
export function changes(before: WebhookDraft, after: WebhookDraft): Body {
  const from = editable(before);
  const to = editable(after);
  const headers = headerChanges(before, after);
  return {
    ...Object.fromEntries(Object.entries(to).filter(([field, value]) => said(value) !== said(from[field]))),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  };
}

function headerChanges(before: WebhookDraft, after: WebhookDraft): Record<string, string | null> {
  const named = (name: string): boolean => after.headers.some((header) => header.name.trim().toLowerCase() === name.toLowerCase());
  const gone = before.headers.filter(({ stored }) => stored !== null && !named(stored)).map(({ stored }) => [stored!, null] as const);
  const typed = after.headers.filter(({ stored, name, value }) => value || (name.trim() && name.trim() !== stored)).map(({ name, value }) => [name.trim(), value.trim()] as const);
  return Object.fromEntries([...gone, ...typed]);
}

/** Stores and events are sets to a person: ticked in another order, nothing has changed. */
function said(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
}

/** As the form calls a field. */
export function fieldName(name: string): string {
  const key = `webhooks.form.${name}`;
  return isTextKey(key) ? t(key) : name;
}

const BEGINNINGS = ['https://', 'http://'];

/**
 * What a URL lacks that is being typed, as far as its text shows; null: nothing. The API decides, and knows more: whether the name
 * leads anywhere, and what its operator allows.
 */
export function lackOf(typed: string): TextKey | null {
  const url = typed.trim();
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/is.exec(url) ?? [];
  if (url === '' || BEGINNINGS.some((beginning) => beginning.startsWith(url.toLowerCase()))) {
    return null;
  }
  if (/[\s\\]/.test(url)) {
    return 'problems.field.urlBlanks';
  }
  if (scheme === undefined || !/^https?$/i.test(scheme)) {
    return 'problems.field.url';
  }
  if (url.includes('#')) {
    return 'problems.field.urlFragment';
  }
  return ofAuthority(scheme, /^[^/?]*/.exec(rest!)![0]);
}

function ofAuthority(scheme: string, authority: string): TextKey | null {
  if (authority.includes('@')) {
    return 'webhooks.url.user';
  }
  const [, host, port] = /^(.*?)(?::(\d*))?$/.exec(authority)!;
  if (host === '' || (port && (Number(port) < 1 || Number(port) > 65_535))) {
    return host === '' ? 'problems.field.urlHost' : 'problems.field.urlPort';
  }
  if (isInside(host!)) {
    return 'webhooks.url.inside';
  }
  return /^http$/i.test(scheme) ? 'webhooks.url.plain' : /\./.test(host!) || host!.startsWith('[') ? null : 'webhooks.url.unfinished';
}

/** Addresses that lead nowhere from a server: of this machine, and of networks behind a router. */
function isInside(host: string): boolean {
  return /^(localhost|.*\.(localhost|local|internal)|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|169\.254\..*|\[(::1|f[cd].*|fe80.*)\])$/i.test(host);
}

/** Scheme, host and port: where the values of headers go. Null while it is none. */
export function originOf(url: string): string | null {
  try {
    return new URL(url.trim()).origin;
  } catch {
    return null;
  }
}
