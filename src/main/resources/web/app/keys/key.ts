import { html, nothing, type TemplateResult } from 'lit';
import type { RateLimit, Store, StoreRef } from '../api/types.js';
import { icon } from '../elements/icon.js';
import { few, maskedKey, tag, type Tag } from '../elements/values.js';
import { stores } from '../frame/stores.js';
import { agoInText, date, dateTime, duration, number } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';

/** A key as the API tells of it, and how its parts look wherever they stand. */
export type KeyStatus = 'active' | 'inactive' | 'expired' | 'revoked';
export type KeyPart = 'key' | 'secret';

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly start: string;
  readonly hasSecret: boolean;
  readonly recoverable: boolean;
  readonly scopes: readonly string[];
  readonly access: { readonly type: 'all' | 'stores'; readonly stores?: readonly StoreRef[] | null };
  readonly methods: readonly string[] | null;
  readonly status: KeyStatus;
  readonly active: boolean;
  readonly environment: 'live' | 'test';
  readonly createdAt: string;
  readonly createdBy: { readonly type: string; readonly id: string; readonly name: string };
  readonly updatedAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedReason: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedIp: string | null;
  readonly rateLimit: RateLimit | null;
  readonly rateLimitSource: 'organization' | 'key' | 'unlimited';
  readonly ipAllowList: readonly string[];
  readonly previous: {
    readonly start: string;
    readonly diesAt: string;
    readonly lastUsedAt: string | null;
    readonly parts: readonly KeyPart[];
  } | null;
  /** In the answer that made it, and never again. */
  readonly key?: string;
  readonly secret?: string;
  readonly warnings?: readonly KeyWarning[];
}

export interface KeyWarning {
  readonly field: string;
  readonly message: string;
}

export const STATUSES: readonly KeyStatus[] = ['active', 'inactive', 'expired', 'revoked'];

const TONES: Record<KeyStatus, Tag['tone']> = { active: 'good', inactive: undefined, expired: 'warning', revoked: 'danger' };

/** What a verification would say of it now, and what will become of it soon. */
export function statusOf(key: Key): TemplateResult {
  // Which expiry is soon, the review says; here stands when it is.
  const ends = key.status === 'active' || key.status === 'inactive' ? key.expiresAt : null;
  return html`<div class="key-status">${tag({ label: t(`keys.status.${key.status}`), tone: TONES[key.status], title: key.revokedReason ?? undefined })}
    ${ends ? html`<span class="key-note" title=${dateTime(ends)}>${t('keys.status.expires', { when: agoInText(ends) })}</span>` : nothing}
    ${key.previous ? html`<span class="key-note" title=${dateTime(key.previous.diesAt)}>${t('keys.status.grace', { when: agoInText(key.previous.diesAt) })}</span>` : nothing}</div>`;
}

/** The characters by which it is recognized, and whether a secret goes with it. */
export function masked(key: Key): TemplateResult {
  return html`${maskedKey(key.start)}${key.hasSecret
    ? html`<span class="key-mark" title=${t('keys.withSecret')}>${icon('lock')}<span aria-hidden="true">••••</span><span class="visually-hidden">${t('keys.secret')}</span></span>`
    : nothing}${key.environment === 'test' ? tag({ label: t('keys.environment.test') }) : nothing}`;
}

/** What it may do: scopes, and how many operations it is limited to. */
export function scopesOf(key: Key): TemplateResult {
  return html`<div class="key-scopes">${key.scopes.length > 0 ? few(key.scopes, true) : key.methods ? nothing : html`<span class="muted">${t('keys.scopes.none')}</span>`}
    ${key.methods ? html`<span class="key-note" data-user title=${key.methods.join('\n')}>${t('keys.methods.count', { count: key.methods.length })}</span>` : nothing}</div>`;
}

/** Which stores it reaches; all-stores keys are marked, since they stand in the list of every store. */
export function storesOf(key: Key): TemplateResult {
  if (key.access.type === 'all') {
    return tag({ label: t('keys.access.all'), tone: 'accent' });
  }
  return few((key.access.stores ?? []).map(storeName), false);
}

export function storeName(store: StoreRef): string {
  return stores.value?.find((known: Store) => known.id === store.id)?.name ?? store.key;
}

/** When and from where it was used last: what a confirmation has to say before something breaks. */
export function lastUse(key: Pick<Key, 'lastUsedAt' | 'lastUsedIp'>): TemplateResult | string {
  if (!key.lastUsedAt) {
    return t('keys.use.never');
  }
  const when = html`<strong>${agoInText(key.lastUsedAt)}</strong>`;
  return key.lastUsedIp ? rich('keys.use.from', { when, ip: html`<code>${key.lastUsedIp}</code>` }) : rich('keys.use.last', { when });
}

/** "100 in 15 minutes". */
export function limitText(limit: RateLimit | null): string {
  return limit ? t('keys.limit.text', { limit: number(limit.limit), window: duration(limit.window) }) : t('keys.limit.unlimited');
}

export function expiryText(at: string | null): string {
  return at ? dateTime(at) : t('keys.expiry.never');
}

/** "22 Nov 2026, by ana@example.com" in two lines. */
export function createdOf(key: Key): TemplateResult {
  return html`<div class="two-lines"><time datetime=${key.createdAt} title=${dateTime(key.createdAt)}>${date(key.createdAt)}</time>
    <span class="key-note key-who" translate="no" title=${key.createdBy.name}>${key.createdBy.type === 'key' ? t('keys.createdByKey', { name: key.createdBy.name }) : key.createdBy.name}</span></div>`;
}
