import { NO_HEADER, type HeaderDraft } from '../elements/headers-field.js';
import { isSecret, type Credential, type CredentialType, type OwnTest } from './credential.js';
import { fieldsOf } from './fields.js';
import type { Provider } from './provider.js';

/**
 * A credential as it is being typed. Its fields have the names by which the API speaks of them, so that what it refuses stands
 * at the field that it names. A secret that is stored already is empty here, and stays unless something is typed.
 */
export interface CredentialDraft {
  readonly name: string;
  readonly type: CredentialType;
  /** By key; empty: all. */
  readonly store: string;
  readonly baseUrl: string;
  readonly headers: readonly HeaderDraft[];
  readonly 'test.url': string;
  readonly 'test.method': OwnTest['method'];
  readonly 'test.expectStatus': string;
  readonly 'test.bodyContains': string;
  /** Stored although its test fails. */
  readonly skipTest: boolean;
  readonly [field: `data.${string}`]: string;
  readonly [field: `variables.${string}`]: string;
}

export type Body = Readonly<Record<string, unknown>>;

const LISTS = new Set(['scopes']);
const YES_OR_NO = new Set(['pkce']);
/** Blanks around them were pasted along; a password may have its own. */
const UNTRIMMED = new Set(['password']);

/** A new credential of that provider; null: of a service that is not known. */
export function newDraft(provider: Provider | null, type: CredentialType, store: string | null): CredentialDraft {
  return {
    name: provider?.name ?? '', type, store: store ?? '', baseUrl: '', headers: [{ ...NO_HEADER }],
    'test.url': '', 'test.method': 'GET', 'test.expectStatus': '', 'test.bodyContains': '', skipTest: false,
    'data.placement': 'header', 'data.grant': provider?.oauth2?.grants[0] ?? 'authorization_code', 'data.clientAuth': 'basic', 'data.pkce': 'true',
    ...Object.fromEntries((provider?.variables ?? []).map((variable) => [`variables.${variable.name}`, variable.preset ?? ''])),
  };
}

export function draftOf(credential: Credential): CredentialDraft {
  const { data, test } = credential;
  return {
    name: credential.name, type: credential.type, store: credential.store?.key ?? '', baseUrl: credential.baseUrl ?? '', headers: headersOf(credential),
    'test.url': test?.url ?? '', 'test.method': test?.method ?? 'GET', 'test.expectStatus': test?.expectStatus?.toString() ?? '',
    'test.bodyContains': test?.bodyContains ?? '', skipTest: false,
    ...Object.fromEntries(Object.entries(data).filter(([name]) => name !== 'headers').map(([name, value]) => [`data.${name}`, isSecret(value) ? '' : shown(value)])),
    ...Object.fromEntries(Object.entries(credential.variables).map(([name, value]) => [`variables.${name}`, value])),
  };
}

function headersOf({ data }: Credential): HeaderDraft[] {
  const headers = data['headers'];
  return typeof headers === 'object' && headers !== null ? Object.keys(headers).sort().map((name) => ({ stored: name, name, value: '' })) : [{ ...NO_HEADER }];
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join('\n') : value === null || value === undefined ? '' : String(value);
}

/** What is asked of the API to test a draft; a name is not looked at. */
export function bodyOfTest(draft: CredentialDraft, provider: Provider | null): Body {
  const { name: _name, skipTest: _skip, ...rest } = bodyOfNew(draft, provider);
  return rest;
}

export function bodyOfNew(draft: CredentialDraft, provider: Provider | null): Body {
  const { type } = draft;
  const data: Record<string, unknown> = type === 'custom_headers'
    ? { headers: Object.fromEntries(draft.headers.filter((header) => header.name.trim() || header.value).map((header) => [header.name.trim(), header.value.trim()])) }
    : Object.fromEntries(fieldsOf(draft, provider).map(({ name }) => [name, sent(name, draft[`data.${name}`])]).filter(([, value]) => value !== null));
  const baseUrl = filled(draft);
  return {
    name: draft.name.trim(), type, data,
    ...(provider ? { provider: provider.key } : {}),
    ...(provider && provider.variables.length > 0 ? { variables: variablesOf(draft) } : {}),
    ...(baseUrl ? { baseUrl } : {}),
    ...(draft.store ? { store: draft.store } : {}),
    ...(draft['test.url'].trim() ? { test: testOf(draft) } : {}),
    ...(draft.skipTest ? { skipTest: true } : {}),
  };
}

/** A sandbox has variables of its own in braces: they are filled in where they are known. */
function filled(draft: CredentialDraft): string {
  return draft.baseUrl.trim().replaceAll(/\{(\w+)\}/g, (whole, name: string) => draft[`variables.${name}`]?.trim() || whole);
}

function variablesOf(draft: CredentialDraft): Record<string, string> {
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => name.startsWith('variables.') && typeof value === 'string' && value.trim())
    .map(([name, value]) => [name.slice('variables.'.length), String(value).trim()]));
}

function testOf(draft: CredentialDraft): Body {
  const status = draft['test.expectStatus'].trim();
  return {
    method: draft['test.method'], url: draft['test.url'].trim(), bodyContains: draft['test.bodyContains'] || null,
    // What is no number goes as it was typed, to be refused.
    expectStatus: status === '' ? null : Number.isInteger(Number(status)) ? Number(status) : status,
  };
}

/** As the API wants a field of the data; null: nothing was typed. */
function sent(name: string, typed: string | undefined): unknown {
  const text = typed ?? '';
  if (LISTS.has(name)) {
    const items = text.split(/[\s,]+/).filter(Boolean);
    return items.length === 0 ? null : items;
  }
  if (YES_OR_NO.has(name)) {
    return text !== 'false';
  }
  const value = UNTRIMMED.has(name) ? text : text.trim();
  // A password may be empty on purpose; whatever else is empty is not said.
  return value === '' && name !== 'password' ? null : value;
}

/** What an edit sends: only what was changed, as a merge patch; a secret that was left empty stays. */
export function changes(before: CredentialDraft, after: CredentialDraft, credential: Credential): Body {
  const patch: Record<string, unknown> = {};
  if (after.name.trim() !== before.name) {
    patch['name'] = after.name.trim();
  }
  for (const field of ['store', 'baseUrl'] as const) {
    if (after[field].trim() !== before[field]) {
      patch[field] = (field === 'baseUrl' ? filled(after) : after.store) || null;
    }
  }
  const variables = changed(before, after, 'variables.', (_, typed) => typed.trim() || null);
  const data = credential.type === 'custom_headers' ? headerChanges(before, after)
    : changed(before, after, 'data.', (name, typed) => (isSecret(credential.data[name]) && typed === '' ? undefined : sent(name, typed)));
  const test = JSON.stringify(testOf(before)) === JSON.stringify(testOf(after)) ? undefined : after['test.url'].trim() ? testOf(after) : null;
  return {
    ...patch,
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(test === undefined ? {} : { test }),
    ...(after.skipTest ? { skipTest: true } : {}),
  };
}

function changed(before: CredentialDraft, after: CredentialDraft, prefix: 'data.' | 'variables.', value: (name: string, typed: string) => unknown): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [field, typed] of Object.entries(after)) {
    if (field.startsWith(prefix) && typeof typed === 'string' && typed !== (before[field as `data.${string}`] ?? '')) {
      const name = field.slice(prefix.length);
      const said = value(name, typed);
      if (said !== undefined) {
        found[name] = said;
      }
    }
  }
  return found;
}

function headerChanges(before: CredentialDraft, after: CredentialDraft): Record<string, unknown> {
  const headers: Record<string, string | null> = {};
  for (const { stored } of before.headers) {
    if (stored !== null && !after.headers.some((header) => header.name.trim() === stored)) {
      headers[stored] = null;
    }
  }
  for (const { stored, name, value } of after.headers) {
    if (value || (name.trim() && name.trim() !== stored)) {
      headers[name.trim()] = value.trim();
    }
  }
  return Object.keys(headers).length > 0 ? { headers } : {};
}

/** What a change of it is tested for before it takes the place of what stands. */
export function isMaterial(patch: Body): boolean {
  return ['variables', 'baseUrl', 'data', 'test'].some((field) => field in patch);
}
