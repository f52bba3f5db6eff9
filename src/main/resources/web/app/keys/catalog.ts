import { api, type Answer } from '../api/client.js';
import type { TickGroup } from '../elements/tick-groups.js';
import { locale, t } from '../texts/texts.js';

/** What keys can be allowed, in the person's language. */
export interface Catalog {
  readonly groups: readonly {
    readonly name: string;
    readonly description?: string | null;
    readonly scopes: readonly { readonly name: string; readonly description: string }[];
    readonly methods: readonly { readonly method: string; readonly path: string; readonly summary: string; readonly scopes: readonly string[] }[];
  }[];
}

/** Read again after this long: a platform may have replaced it. */
const KEPT_MILLIS = 5 * 60 * 1000;

let kept: { readonly locale: string; readonly at: number; readonly catalog: Catalog } | null = null;

export async function loadCatalog(): Promise<Answer<Catalog>> {
  const wanted = locale.value;
  if (kept && kept.locale === wanted && Date.now() - kept.at < KEPT_MILLIS) {
    return { ok: true, value: kept.catalog, status: 200, etag: null, effectiveBy: null };
  }
  const answer = await api.get<Catalog>('/catalog', {}, { headers: { 'Accept-Language': wanted } });
  if (locale.value !== wanted) {
    // Another language was chosen meanwhile: an answer in this one is wanted no more.
    return loadCatalog();
  }
  if (answer.ok) {
    kept = { locale: wanted, at: Date.now(), catalog: answer.value };
  }
  return answer;
}

/** Scopes to tick, a block for each group. */
export function scopeGroups(catalog: Catalog): TickGroup[] {
  return catalog.groups.filter((group) => group.scopes.length > 0).map((group) => ({
    name: group.name,
    label: group.name,
    ticks: group.scopes.map((scope) => ({ value: scope.name, label: scope.name, detail: scope.description, mono: true })),
  }));
}

/** Operations to tick, by the patterns that the catalogue writes them with. */
export function methodGroups(catalog: Catalog): TickGroup[] {
  return catalog.groups.filter((group) => group.methods.length > 0).map((group) => ({
    name: group.name,
    label: group.name,
    ticks: group.methods.map((method) => ({
      value: patternOf(method),
      label: patternOf(method),
      detail: method.scopes.length > 0 ? t('keys.methods.needs', { summary: method.summary, scopes: method.scopes.join(', ') }) : method.summary,
      mono: true,
    })),
  }));
}

export function patternOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path}`;
}
