import { html, nothing, type TemplateResult } from 'lit';
import type { StoreRef } from '../api/types.js';
import { icon, type IconName } from '../elements/icon.js';
import { signedTag, tag, type StateLook } from '../elements/values.js';
import { agoInText, dateTime } from '../texts/format.js';
import { isTextKey, t } from '../texts/texts.js';

/** A third-party credential as the API tells of it, and how its parts look wherever they stand. */
export const TYPES = ['api_key', 'bearer', 'basic', 'custom_headers', 'oauth2'] as const;
export type CredentialType = (typeof TYPES)[number];
export const STATUSES = ['green', 'yellow', 'red', 'unknown'] as const;
export type CredentialStatus = (typeof STATUSES)[number];

/** What is told of a secret. */
export interface SecretTold {
  readonly set: boolean;
  readonly updatedAt?: string;
}

export interface OwnTest {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly expectStatus: number | null;
  readonly bodyContains: string | null;
}

export interface Renewal {
  readonly nextAttemptAt: string | null;
  readonly failingSince: string | null;
  readonly attempts: number;
  readonly error: string | null;
}

/** What is said of how it stands, by its last test or by the one that was just made. */
export interface Standing {
  readonly status: CredentialStatus;
  readonly reason: string;
  readonly detail: string;
  readonly nextStep: string;
  readonly httpStatus: number | null;
}

export interface TestResult extends Standing {
  readonly durationMs: number;
  readonly checkedAt: string;
}

export interface Credential extends Standing {
  readonly id: string;
  readonly name: string;
  readonly provider: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly baseUrl: string | null;
  readonly store: StoreRef | null;
  readonly type: CredentialType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly test: OwnTest | null;
  readonly checkedAt: string | null;
  readonly expiresAt: string | null;
  readonly lastRenewedAt: string | null;
  readonly renewal: Renewal | null;
  readonly lastUsedAt: string | null;
  readonly createdBy: { readonly type: string; readonly id: string; readonly name: string };
  readonly createdAt: string;
  readonly updatedAt: string;
}

export { inLanguage } from '../texts/texts.js';

export function isSecret(value: unknown): value is SecretTold {
  return typeof value === 'object' && value !== null && typeof (value as { set?: unknown }).set === 'boolean';
}

/** Whether a person connects it at the provider. */
export function isConnected(credential: Credential): boolean {
  return credential.type === 'oauth2' && credential.data['grant'] === 'authorization_code';
}

/** Whether somebody has connected it before. */
export function wasConnected(credential: Credential): boolean {
  const token = credential.data['accessToken'];
  return isSecret(token) && token.set;
}

const LOOKS: Record<CredentialStatus, StateLook> = {
  green: { tone: 'good', icon: 'check' },
  yellow: { tone: 'warning', icon: 'warning' },
  red: { tone: 'danger', icon: 'error' },
  unknown: { tone: undefined, icon: 'info' },
};

export function iconOf(status: CredentialStatus): IconName {
  return LOOKS[status].icon;
}

/** Its word and sign, so that the colour says nothing alone. */
export function statusTag(status: CredentialStatus): TemplateResult {
  return signedTag(status, t(`credentials.status.${status}`), LOOKS[status]);
}

/** The word, and the sentence that says why. */
export function statusOf(credential: Credential): TemplateResult {
  return html`<div class="credential-status">${statusTag(credential.status)}<span class="key-note">${credential.detail}</span></div>`;
}

/** When it is renewed or ends, whichever comes; that renewing fails comes before both. */
export function endOf({ renewal, expiresAt }: Pick<Credential, 'renewal' | 'expiresAt'>): TemplateResult {
  if (renewal?.failingSince) {
    return tag({ label: t('credentials.end.failing', { when: agoInText(renewal.failingSince) }), tone: 'warning', title: dateTime(renewal.failingSince) });
  }
  const at = renewal?.nextAttemptAt ?? expiresAt;
  if (!at) {
    return html`<span class="muted">–</span>`;
  }
  return html`<time datetime=${at} title=${dateTime(at)}>${t(renewal?.nextAttemptAt ? 'credentials.end.renews' : 'credentials.end.ends', { when: agoInText(at) })}</time>`;
}

/** Why the last renewal gave no token, in words where its word is known. */
export function renewalError(error: string): TemplateResult {
  const key = `credentials.renewal.error.${error}`;
  return isTextKey(key) ? html`${t(key)}` : html`<code>${error}</code>`;
}

/** Since when a secret is as it is. */
export function secretText(told: SecretTold): TemplateResult {
  return told.set
    ? html`<span class="secret-told">${icon('lock')}<span aria-hidden="true">••••</span>${told.updatedAt ? html`<span class="key-note">${t('credentials.secret.since', { when: dateTime(told.updatedAt) })}</span>` : nothing}</span>`
    : html`<span class="muted">${t('credentials.secret.none')}</span>`;
}
