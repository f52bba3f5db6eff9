import type { PageOf } from './pages.js';
import { currentStore } from './stores.js';

/** A page's address: its own for the store that one works in, where it has such; null: for all stores. */
export function addressOf(page: PageOf, store: string | null = currentStore.value): string {
  return store && page.navigation?.store ? page.navigation.store(store) : page.paths[0]!;
}
