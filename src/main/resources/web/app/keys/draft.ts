import type { Catalog } from './catalog.js';
import { patternOf } from './catalog.js';
import { limitOf, lines, windowOf, type LimitDraft } from '../elements/span.js';
import { expiryOf, instantOf, type ExpiryDraft } from './expiry.js';
import type { Key } from './key.js';

/**
 * A key as it is being typed. What is typed is kept as it was typed; a request is made of it in one place, and its rules are the
 * API's.
 */
export interface KeyDraft extends ExpiryDraft, LimitDraft {
  readonly name: string;
  readonly description: string;
  readonly environment: 'live' | 'test';
  readonly scopes: readonly string[];
  readonly operations: 'all' | 'chosen';
  /** Ticked ones. */
  readonly methods: readonly string[];
  /** Patterns that the catalogue does not have, one a line. */
  readonly otherMethods: string;
  readonly reach: 'all' | 'stores';
  /** By key. */
  readonly stores: readonly string[];
  readonly limit: 'default' | 'own' | 'unlimited';
  /** One a line. */
  readonly networks: string;
  readonly pair: 'key' | 'pair';
  readonly recoverable: boolean;
  readonly active: boolean;
}

/** What an edit may change, as the API names it, and where it stands in the draft. */
export const FIELDS = {
  name: ['name'],
  description: ['description'],
  active: ['active'],
  scopes: ['scopes'],
  methods: ['operations', 'methods', 'otherMethods'],
  access: ['reach', 'stores'],
  expiresAt: ['expiry', 'expiresAt', 'expiresOn'],
  rateLimit: ['limit', 'requests', 'window', 'unit'],
  ipAllowList: ['networks'],
} as const satisfies Record<string, readonly (keyof KeyDraft)[]>;

export type Field = keyof typeof FIELDS;
export type Body = Readonly<Record<string, unknown>>;

/** A new key. For one store if it is made on the page of a store. */
export function newDraft(store: string | null): KeyDraft {
  return {
    name: '', description: '', environment: 'live', scopes: [], operations: 'all', methods: [], otherMethods: '',
    reach: store ? 'stores' : 'all', stores: store ? [store] : [], ...expiryOf('P365D'),
    limit: 'default', requests: '100', window: '15', unit: 'minute', networks: '', pair: 'key', recoverable: false, active: true,
  };
}

export function draftOf(key: Key, catalog: Catalog | null): KeyDraft {
  const known = knownTo(catalog);
  const methods = key.methods ?? [];
  return {
    name: key.name,
    description: key.description ?? '',
    environment: key.environment,
    scopes: key.scopes,
    operations: key.methods ? 'chosen' : 'all',
    methods: methods.filter((method) => known.has(method)),
    otherMethods: methods.filter((method) => !known.has(method)).join('\n'),
    reach: key.access.type,
    stores: (key.access.stores ?? []).map((store) => store.key),
    ...instantOf(key.expiresAt),
    limit: ({ organization: 'default', key: 'own', unlimited: 'unlimited' } as const)[key.rateLimitSource],
    requests: String(key.rateLimit?.limit ?? 100),
    ...windowOf(key.rateLimit?.window ?? 'PT15M'),
    networks: key.ipAllowList.join('\n'),
    pair: key.hasSecret ? 'pair' : 'key',
    recoverable: key.recoverable,
    active: key.active,
  };
}

/** Patterns that were typed before the catalogue came: those that it has are ticked, the others stay as they were typed. */
export function sorted(draft: KeyDraft, catalog: Catalog): Pick<KeyDraft, 'methods' | 'otherMethods'> {
  const known = knownTo(catalog);
  const typed = lines(draft.otherMethods);
  const found = typed.filter((pattern) => known.has(pattern));
  return found.length === 0 ? { methods: draft.methods, otherMethods: draft.otherMethods } : {
    methods: [...new Set([...draft.methods, ...found])],
    otherMethods: typed.filter((pattern) => !known.has(pattern)).join('\n'),
  };
}

function knownTo(catalog: Catalog | null): ReadonlySet<string> {
  return new Set(catalog?.groups.flatMap((group) => group.methods.map(patternOf)) ?? []);
}

/** The patterns in the order in which the API is told them, so that its errors find theirs. */
export function patterns(draft: KeyDraft): string[] {
  return [...draft.methods, ...lines(draft.otherMethods)];
}

export function networks(draft: KeyDraft): string[] {
  return lines(draft.networks);
}

/** All that an edit may change. */
function editable(draft: KeyDraft): Record<Field, unknown> {
  return {
    name: draft.name.trim(),
    description: draft.description.trim() || null,
    active: draft.active,
    scopes: draft.scopes,
    methods: draft.operations === 'all' ? null : patterns(draft),
    access: draft.reach === 'all' ? { type: 'all' } : { type: 'stores', stores: draft.stores },
    expiresAt: draft.expiresAt,
    rateLimit: draft.limit === 'default' ? 'default' : draft.limit === 'unlimited' ? null : limitOf(draft),
    ipAllowList: networks(draft),
  };
}

export function bodyOfNew(draft: KeyDraft): Body {
  return { ...editable(draft), environment: draft.environment, withSecret: draft.pair === 'pair', recoverable: draft.recoverable };
}

/** The fields that a draft changes, as a merge patch. */
export function changes(from: KeyDraft, to: KeyDraft): Partial<Record<Field, unknown>> {
  const before = editable(from);
  const after = editable(to);
  return Object.fromEntries((Object.keys(FIELDS) as Field[])
    .filter((field) => said(before[field]) !== said(after[field])).map((field) => [field, after[field]]));
}

/** Lists are sets to the API: ticked in another order, nothing has changed. */
function said(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (Array.isArray(inner) ? [...inner].sort() : inner));
}

/** The part of a draft that makes up a field of the API. */
export function partOf(draft: KeyDraft, field: Field): Partial<KeyDraft> {
  return Object.fromEntries(FIELDS[field].map((name) => [name, draft[name]]));
}
