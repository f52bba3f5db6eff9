import { api, type Answer } from '../api/client.js';
import { Signal } from '../frame/signal.js';
import { t } from '../texts/texts.js';
import { inLanguage, type CredentialType } from './credential.js';

/** The services that are known, as the API tells of them in one language. */
export interface ProviderItem {
  readonly key: string;
  readonly name: string;
  readonly category: Category;
  readonly regions: readonly string[];
  readonly confirmed: boolean;
  readonly types: readonly CredentialType[];
}

export const CATEGORIES = ['stores', 'marketplaces', 'payments', 'shipping', 'accounting', 'erp', 'marketing', 'advertising', 'social', 'analytics', 'generic'] as const;
export type Category = (typeof CATEGORIES)[number];
export type Grant = 'authorization_code' | 'client_credentials' | 'refresh_token';

export interface ProviderField {
  readonly name: string;
  readonly label: string;
  readonly help: string | null;
  readonly secret: boolean;
  readonly required: boolean;
  readonly example: string | null;
}

export interface ProviderUse {
  readonly type: CredentialType;
  readonly label: string;
  readonly fields: readonly ProviderField[];
  readonly test: { readonly by: 'request' | 'token' | 'nothing'; readonly method: string | null; readonly url: string | null; readonly cost: string | null; readonly scope: string | null };
}

export interface Provider {
  readonly key: string;
  readonly name: string;
  readonly documentation: string;
  readonly confirmed: boolean;
  readonly notes: string | null;
  readonly variables: readonly { readonly name: string; readonly label: string; readonly help: string | null; readonly example: string; readonly preset: string | null }[];
  readonly baseUrl: string | null;
  readonly ownHost: { readonly label: string; readonly example: string } | null;
  readonly sandboxes: readonly { readonly label: string; readonly baseUrl: string }[];
  readonly types: readonly ProviderUse[];
  readonly oauth2: { readonly grants: readonly Grant[]; readonly scopes: readonly string[]; readonly scopeSeparator: string } | null;
}

/** The entry for what is in no entry: its credentials have no provider. */
export const GENERIC = 'generic';

/** By name; undefined: not loaded yet. Who shows names of providers follows it. */
export const providers = new Signal<readonly ProviderItem[] | undefined>(undefined);

/** Loads them once: an operator changes them by a new start. */
export async function loadProviders(): Promise<Answer<readonly ProviderItem[]>> {
  if (providers.value) {
    return { ok: true, value: providers.value, status: 200, etag: null, effectiveBy: null };
  }
  const answer = await api.all<ProviderItem>('/providers');
  if (answer.ok) {
    providers.value = answer.value;
  }
  return answer;
}

export function loadProvider(key: string): Promise<Answer<Provider>> {
  return api.get<Provider>(`/providers/${encodeURIComponent(key)}`, {}, { headers: inLanguage() });
}

/** As people call it; its key where the entry has gone. */
export function providerName(key: string | null): string {
  return key === null || key === GENERIC ? t('credentials.ownService') : providers.value?.find((provider) => provider.key === key)?.name ?? key;
}

/** Found without accents and whatever the case. */
export function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
