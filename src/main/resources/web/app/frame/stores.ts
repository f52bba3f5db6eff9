import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import type { Store } from '../api/types.js';
import { t } from '../texts/texts.js';
import { may, session } from './session.js';
import { Signal } from './signal.js';

/** The stores of the organization, which the switch, the palette and many forms show. undefined: not loaded yet. */
export const stores = new Signal<readonly Store[] | undefined>(undefined);

/** Why they could not be loaded. */
export const storesProblem = new Signal<Problem | null>(null);

/** The key of the store that the person works in; null: all of them. */
export const currentStore = new Signal<string | null>(remembered());

const STORED = 'latchkey.store';

let asked = 0;

/** Loads them anew: at the start, and after each change. */
export async function loadStores(): Promise<void> {
  if (!may('stores:read')) {
    stores.value = [];
    return;
  }
  asked += 1;
  const mine = asked;
  const answer = await api.all<Store>('/stores');
  if (mine !== asked) {
    // Asked again since: what answers late tells of what was before.
    return;
  }
  if (answer.ok) {
    storesProblem.value = null;
    stores.value = answer.value;
  } else {
    storesProblem.value = answer.problem;
  }
}

/** Loads them where they are not here yet. */
export function wantStores(): void {
  if (stores.value === undefined) {
    void loadStores();
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem('latchkey.store');
  } catch {
    return null;
  }
}

export function enterStore(key: string | null): void {
  try {
    if (key) {
      sessionStorage.setItem(STORED, key);
    } else {
      sessionStorage.removeItem(STORED);
    }
  } catch {
    // Then it lasts as long as the page.
  }
  currentStore.value = key;
}

export interface PlatformGroup {
  /** null: stores that name no platform. */
  readonly platform: string | null;
  readonly label: string;
  readonly stores: readonly Store[];
}

/** Grouped by what runs them, both in alphabetical order; those without a platform come last. */
export function byPlatform(all: readonly Store[]): PlatformGroup[] {
  const groups = new Map<string | null, Store[]>();
  for (const store of all) {
    const platform = store.platform?.trim() || null;
    groups.set(platform, [...(groups.get(platform) ?? []), store]);
  }
  return [...groups]
    .sort(([one], [other]) => (one === null ? 1 : 0) - (other === null ? 1 : 0) || (one ?? '').localeCompare(other ?? ''))
    .map(([platform, members]) => ({
      platform,
      label: platform === null ? t('frame.stores.noPlatform') : platformName(platform),
      stores: members.sort((one, other) => one.name.localeCompare(other.name)),
    }));
}

const NAMES: Readonly<Record<string, string>> = {
  shopify: 'Shopify', woocommerce: 'WooCommerce', magento: 'Magento', prestashop: 'PrestaShop', bigcommerce: 'BigCommerce',
  amazon: 'Amazon', ebay: 'eBay', etsy: 'Etsy', vtex: 'VTEX',
};

/** As its maker writes it, where that is known; else as it was entered. */
export function platformName(platform: string): string {
  return NAMES[platform.toLowerCase()] ?? platform.charAt(0).toUpperCase() + platform.slice(1);
}

session.watch((found) => {
  if (found === null) {
    // Whoever signs in next may belong to another organization, which knows no such store.
    enterStore(null);
  }
  if (found && stores.value === undefined) {
    if (found.store) {
      enterStore(found.store.key);
    }
    void loadStores();
  }
});
