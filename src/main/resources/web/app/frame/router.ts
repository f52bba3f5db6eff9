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
/** The question whether to leave stands. */
let asking = false;

/** How many entries of the history lie before this one: tells back from forward, and how far. */
let depth = depthOf(history.state) ?? 0;
/** The person has agreed to leave, and the browser is on its way. */
let leaving = false;

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
  const url = new URL(address, location.href);
  if (url.pathname !== location.pathname) {
    if (!(await mayLeave())) {
      return;
    }
    guard = null;
  }
  if (how === 'replace' || url.href === location.href) {
    history.replaceState({ depth }, '', url);
  } else {
    depth += 1;
    history.pushState({ depth }, '', url);
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
  history.replaceState({ depth }, '', url);
  place.value = { ...place.value, query: url.searchParams };
}

/** Whether the page may be left, as far as its form and the person are concerned. */
export async function mayLeave(): Promise<boolean> {
  if (!guard) {
    return true;
  }
  if (asking) {
    return false;
  }
  asking = true;
  try {
    return await guard();
  } finally {
    asking = false;
  }
}

/** Follows the panel's own links without loading a document. */
export function followLinks(): void {
  history.replaceState({ depth }, '');
  addEventListener('popstate', (event) => void moved(event.state));
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

/** Back or forward in the history. While a form guards its page the browser is sent back to it before the question is asked. */
async function moved(state: unknown): Promise<void> {
  // An entry that has no depth is a new one: somebody wrote a fragment into the address.
  const to = depthOf(state) ?? depth + 1;
  const by = to - depth;
  if (guard && !leaving) {
    if (by === 0) {
      return;
    }
    history.go(-by);
    if (!asking && (await mayLeave())) {
      leaving = true;
      history.go(by);
    }
    return;
  }
  leaving = false;
  guard = null;
  depth = to;
  history.replaceState({ depth }, '');
  place.value = placeOf(location.href);
}

function depthOf(state: unknown): number | undefined {
  const found = (state as { depth?: unknown } | null)?.depth;
  return typeof found === 'number' ? found : undefined;
}
