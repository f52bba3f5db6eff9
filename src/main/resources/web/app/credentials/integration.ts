import { api } from '../api/client.js';
import { Signal } from '../frame/signal.js';
import type { Key } from '../keys/key.js';
import { t } from '../texts/texts.js';

/** Which keys may use which credentials. */
export interface Integration {
  readonly id: string;
  readonly name: string;
  readonly kind: string | null;
  readonly keyIds: readonly string[];
  readonly credentialIds: readonly string[];
  readonly active: boolean;
  readonly warnings: readonly { readonly field: string; readonly message: string }[];
}

/** What a key has to be allowed to use any credential. */
export const USE_SCOPE = 'credentials:use';

/** The last change of an integration that was made from here. */
export const integrationChanged = new Signal<{ readonly id: string } | null>(null);

/** Keys that are named one by one; where more are bound, those that no list had are told by their ids. */
const ONE_BY_ONE = 20;
const LISTED = 1000;

/** The keys of these ids, as far as they can be told. */
export async function keysOf(ids: readonly string[]): Promise<ReadonlyMap<string, Key>> {
  if (ids.length > ONE_BY_ONE) {
    const all = await api.all<Key>('/keys', {}, LISTED);
    return new Map((all.ok ? all.value : []).filter((key) => ids.includes(key.id)).map((key) => [key.id, key]));
  }
  const answers = await Promise.all(ids.map((id) => api.get<Key>(`/keys/${id}`)));
  return new Map(answers.flatMap((answer) => (answer.ok ? [[answer.value.id, answer.value] as const] : [])));
}

/** What they are called, for a list in a sentence; at its end how many there are whose names could not be told. */
export async function namesOf(ids: readonly string[]): Promise<string[]> {
  const names = [...(await keysOf(ids)).values()].map((key) => key.name);
  const unnamed = ids.length - names.length;
  return unnamed > 0 ? [...names, t('credentials.keysUnnamed', { count: unnamed })] : names;
}

/** Whether a key may use credentials at all; without scopes, its methods say. */
export function mayUse(key: Pick<Key, 'scopes' | 'methods'>): boolean {
  return key.scopes.includes(USE_SCOPE) || (key.scopes.length === 0 && key.methods !== null);
}
