import type { TemplateResult } from 'lit';
import type { StoreRef } from '../api/types.js';
import type { IconName } from '../elements/icon.js';
import { few, signedTag, tag, type StateLook } from '../elements/values.js';
import { storeName } from '../keys/key.js';
import { t } from '../texts/texts.js';

/** A webhook as the API tells of it, and how its parts look wherever they stand. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly stores: 'all' | readonly StoreRef[];
  readonly description: string | null;
  /** By name; their values are told to nobody. */
  readonly headers: Readonly<Record<string, { readonly set: boolean }>>;
  readonly active: boolean;
  /** Since when it is switched off without anybody's doing. */
  readonly disabledAt: string | null;
  readonly disabledReason: 'gone' | 'failing' | null;
  /** The first failure after the last success; null while it works. */
  readonly failingSince: string | null;
  readonly secret: SecretState;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface SecretState {
  readonly set: boolean;
  readonly updatedAt: string;
  /** Until then the secret before signs as well. */
  readonly previousUntil: string | null;
}

/** In the answer that made its secret, and never again. */
export interface IssuedWebhook extends Omit<Webhook, 'secret'> {
  readonly secret: string;
}

/** `paused` by a person; `failed` and `gone` by the service. */
export const STATES = ['active', 'failing', 'paused', 'failed', 'gone'] as const;
export type WebhookState = (typeof STATES)[number];

export function stateOf({ active, disabledAt, disabledReason, failingSince }: Webhook): WebhookState {
  if (disabledAt) {
    return disabledReason === 'gone' ? 'gone' : 'failed';
  }
  return !active ? 'paused' : failingSince ? 'failing' : 'active';
}

const LOOKS: Record<WebhookState, StateLook> = {
  active: { tone: 'good', icon: 'check' },
  failing: { tone: 'warning', icon: 'warning' },
  paused: { tone: undefined, icon: 'minus' },
  failed: { tone: 'danger', icon: 'error' },
  gone: { tone: 'danger', icon: 'error' },
};

export function iconOf(state: WebhookState): IconName {
  return LOOKS[state].icon;
}

/** Its word and sign, so that the colour says nothing alone. */
export function stateTag(webhook: Webhook): TemplateResult {
  const state = stateOf(webhook);
  return signedTag(state, t(`webhooks.state.${state}`), LOOKS[state]);
}

const LONGEST_NAME = 60;

/** What people call it: the first line of what it is for, or where it goes. */
export function nameOf({ description, url }: Pick<Webhook, 'description' | 'url'>): string {
  const line = description?.trim().split('\n')[0]!.trim() ?? '';
  return line === '' ? placeOf(url) : line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME - 1).trimEnd()}…` : line;
}

/** Host and path: without the query, where secrets may stand. */
export function placeOf(url: string): string {
  const rest = url.replace(/^https?:\/\//, '').replace(/\?.*$/, '');
  return rest.endsWith('/') && rest.indexOf('/') === rest.length - 1 ? rest.slice(0, -1) : rest;
}

/** Whether it gets the events of a store. */
export function reaches({ stores }: Webhook, key: string): boolean {
  return stores === 'all' || stores.some((store) => store.key === key);
}

/** Whose events it gets. */
export function storesOf({ stores }: Webhook): TemplateResult {
  return stores === 'all' ? tag({ label: t('frame.stores.all'), tone: 'accent' }) : few(stores.map(storeName), false);
}

export function eventsOf({ events }: Webhook): TemplateResult {
  return few(events, true);
}
