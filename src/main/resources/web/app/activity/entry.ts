import { html, type TemplateResult } from 'lit';
import type { IconName } from '../elements/icon.js';
import { placeOf } from '../frame/router.js';
import { may } from '../frame/session.js';
import { stores } from '../frame/stores.js';
import { isTextKey, rich, t } from '../texts/texts.js';

/** An entry of the activity log as the API tells of it, and what is said of it. */
export interface Entry {
  readonly id: string;
  /** Its place in the sealed log; null for a moment. */
  readonly position: number | null;
  readonly at: string;
  readonly actor: Actor;
  readonly action: string;
  readonly target: Target;
  readonly changes: readonly Change[];
  readonly ip: string | null;
  readonly requestId: string | null;
}

export interface Actor {
  readonly type: 'person' | 'key' | 'system';
  readonly id: string;
  readonly name: string;
}

export interface Target {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

export interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** By the whole action, or by its verb. */
const ICONS: Readonly<Record<string, IconName>> = {
  created: 'plus', updated: 'edit', deleted: 'trash', deletion_requested: 'trash', regenerated: 'refresh', revealed: 'eye', grace_ended: 'clock',
  revoked: 'error', first_used: 'check', used_from_new_network: 'link', refused: 'warning', leaked: 'warning', imported: 'plus', tested: 'check',
  status_changed: 'info', connect_begun: 'link', connected: 'link', connect_failed: 'warning', leased: 'plug', used: 'plug', proxied: 'plug',
  refreshed: 'refresh', scopes_narrowed: 'minus', revoked_at_provider: 'error', retried: 'send', replayed: 'send', replay_cancelled: 'close',
  secret_rotated: 'lock', disabled: 'warning', suspended: 'warning', reactivated: 'check', replaced: 'refresh', reset: 'refresh',
  'session.created': 'person', ended: 'signOut', link_issued: 'link', link_withdrawn: 'close', 'webhook.tested': 'send',
};

export function iconOf(action: string): IconName {
  return ICONS[action] ?? ICONS[verbOf(action)] ?? 'info';
}

export function nounOf(action: string): string {
  return action.split('.')[0]!;
}

function verbOf(action: string): string {
  return action.slice(action.lastIndexOf('.') + 1);
}

/** In a word or two, where what it was done to is known: "Regenerated". */
export function actionText(action: string): string {
  const key = `activity.action.${action}`;
  return isTextKey(key) ? t(key) : action;
}

/** What kind of thing: "API keys". */
export function nounText(noun: string): string {
  const key = `activity.noun.${noun}`;
  return isTextKey(key) ? t(key) : noun;
}

/** Who did it, by the name that they had then. */
export function actorText({ type, name }: Actor): string {
  return type === 'key' ? t('activity.by.key', { name }) : name;
}

/** A whole sentence, which leads to what it was done to: "ana@example.com regenerated the API key ERP." */
export function sentenceOf(entry: Entry): TemplateResult {
  const { action, actor, target } = entry;
  const name = html`<strong translate="no">${actor.name}</strong>`;
  const who = actor.type === 'key' ? rich('activity.by.key', { name }) : name;
  const address = isGone(entry) ? null : addressOf(target, entry.changes);
  const what = address ? html`<a href=${address} translate="no">${target.name}</a>` : html`<strong translate="no">${target.name}</strong>`;
  const key = `activity.did.${action}`;
  return isTextKey(key) ? rich(key, { who, what }) : rich('activity.other', { who, what, action: html`<code>${action}</code>` });
}

function isGone({ action }: Entry): boolean {
  return verbOf(action) === 'deleted';
}

/** The page of what it was done to; null where there is none, or none that this person may open. */
export function addressOf({ type, id }: Target, changes: readonly Change[] = []): string | null {
  const address = pageOf(type, encodeURIComponent(id), changes);
  const page = address ? placeOf(address).page : null;
  return page && (!page.permission || may(page.permission)) ? address : null;
}

function pageOf(type: string, id: string, changes: readonly Change[]): string | null {
  switch (type) {
    case 'key': return `/keys/${id}`;
    case 'credential': return `/credentials/${id}`;
    case 'webhook': return `/webhooks/${id}`;
    case 'delivery': return typeof noted(changes, 'webhookId') === 'string' ? `/webhooks/${String(noted(changes, 'webhookId'))}` : null;
    // An integration is shown with the credentials that it binds.
    case 'integration': return `/credentials${first(noted(changes, 'credentialIds'))}`;
    case 'store': {
      const store = stores.value?.find((known) => known.id === id);
      return store ? `/store/${encodeURIComponent(store.key)}/settings/api` : '/stores';
    }
    case 'organization': return '/organization';
    case 'import': return '/keys';
    default: return null;
  }
}

function noted(changes: readonly Change[], field: string): unknown {
  return changes.find((change) => change.field === field)?.after;
}

function first(ids: unknown): string {
  return Array.isArray(ids) && typeof ids[0] === 'string' ? `/${encodeURIComponent(ids[0])}` : '';
}
