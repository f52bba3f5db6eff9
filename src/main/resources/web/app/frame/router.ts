import { Signal } from './signal.js';
import { pages, type PageOf } from './pages.js';

/** Where the panel is: the page that an address names, with its parts. */
export interface Place {
  /** null: there is no such page. */
  readonly page: PageOf | null;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

export const place = new Signal<Place>(placeOf(location.href));

/** Asks whether the page may be left; a form with unsaved changes says no until the person confirms. */
export type Guard = () => Promise<boolean>;
let guard: Guard | null = null;

/** While `leave` is set, addresses change only when it agrees. Returns what lifts it. */
export function guardLeaving(leave: Guard): () => void {
  guard = leave;
  return () => {
    if (guard === leave) {
      guard = null;
    }
  };
}

export function placeOf(address: string): Place {
  const url = new URL(address, location.href);
  for (const page of pages) {
    for (const pattern of page.paths) {
      const params = match(pattern, url.pathname);
      if (params) {
        return { page, path: url.pathname, params, query: url.searchParams };
      }
    }
  }
  return { page: null, path: url.pathname, params: {}, query: url.searchParams };
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const found = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== found.length) {
    return null;
  }
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = found[index]!;
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(segment);
      } catch {
        return null;
      }
      if (!segment) {
        return null;
      }
    } else if (part !== segment) {
      return null;
    }
  }
  return params;
}

/** Goes to an address of the panel. */
export async function go(address: string, how: 'push' | 'replace' = 'push'): Promise<void> {
  if (guard && !(await guard())) {
    return;
  }
  guard = null;
  const url = new URL(address, location.href);
  if (how === 'replace' || url.href === location.href) {
    history.replaceState(null, '', url);
  } else {
    history.pushState(null, '', url);
  }
  place.value = placeOf(url.href);
  scrollTo(0, 0);
}

/** Writes what a list is filtered by into the address, without leaving the page. */
export function setQuery(query: Readonly<Record<string, string | null | undefined>>): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(query)) {
    if (value) {
      url.searchParams.set(name, value);
    } else {
      url.searchParams.delete(name);
    }
  }
  history.replaceState(null, '', url);
  place.value = { ...place.value, query: url.searchParams };
}

/** Follows the panel's own links without loading a document. */
export function followLinks(): void {
  addEventListener('popstate', () => void back());
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) {
      return;
    }
    if (link.pathname === location.pathname && link.hash) {
      return;
    }
    if (placeOf(link.href).page) {
      event.preventDefault();
      void go(link.href);
    }
  });
}

async function back(): Promise<void> {
  const wanted = location.href;
  if (guard) {
    // The browser has gone already: stay where the form is until the person agrees.
    history.pushState(null, '', place.value.path);
    if (!(await guard())) {
      return;
    }
    guard = null;
    history.replaceState(null, '', wanted);
  }
  place.value = placeOf(wanted);
}
