import { html, type TemplateResult } from 'lit';
import { table } from '../elements/table.js';
import { timeAgo } from '../elements/values.js';
import { stores } from '../frame/stores.js';
import { number } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { Key } from './key.js';

/** Something that a key used. */
export interface Used {
  readonly name: string;
  readonly count: number;
  readonly lastUsedAt: string;
}

export interface UsedNames {
  readonly scopesUsed: readonly Used[];
  readonly methodsUsed: readonly Used[];
  readonly storesUsed: readonly Used[];
}

interface Row {
  readonly name: string;
  readonly label: string;
  /** null: it holds it, and has not used it. */
  readonly used: Used | null;
}

/** What is counted together since there is too much of it. */
const OTHER = '(other)';

/** What the key really did, beside what it holds and did not use. */
export function usedTables(key: Key, used: UsedNames, period: string): TemplateResult {
  const granted = (key.access.stores ?? []).map((store) => store.key);
  return html`<section class="key-section" aria-labelledby="key-used">
    <header class="section-head"><div><h2 id="key-used">${t('keys.used')}</h2><p class="help">${t('keys.used.lead', { period })}</p></div></header>
    <div class="used">
      ${usedTable('scopes', rows(used.scopesUsed, key.scopes, (name) => name), true)}
      ${usedTable('stores', rows(used.storesUsed.map(byKey), granted, storeLabel), false)}
      ${usedTable('methods', rows(used.methodsUsed, [], (name) => name), true)}
    </div></section>`;
}

/** Who asks may name a store by its id. */
function byKey(used: Used): Used {
  return { ...used, name: stores.value?.find((store) => store.id === used.name)?.key ?? used.name };
}

function storeLabel(name: string): string {
  return stores.value?.find((store) => store.key === name)?.name ?? name;
}

function rows(used: readonly Used[], granted: readonly string[], label: (name: string) => string): Row[] {
  const merged = new Map<string, Used>();
  for (const each of used) {
    const known = merged.get(each.name);
    merged.set(each.name, known ? { name: each.name, count: known.count + each.count, lastUsedAt: [known.lastUsedAt, each.lastUsedAt].sort().pop()! } : each);
  }
  const said = (name: string): string => (name === OTHER ? t('keys.used.other') : label(name));
  return [...[...merged.values()].map((each) => ({ name: each.name, label: said(each.name), used: each })),
    ...granted.filter((name) => !merged.has(name)).map((name) => ({ name, label: said(name), used: null }))];
}

function usedTable(kind: 'scopes' | 'stores' | 'methods', all: readonly Row[], mono: boolean): TemplateResult {
  return html`<div class="used-${kind}" data-used=${kind}>${all.length === 0
    ? html`<div class="card used-none"><h3>${t(`keys.used.${kind}`)}</h3><p class="help">${t(`keys.used.none.${kind}`)}</p></div>`
    : table<Row>({
      caption: t(`keys.used.${kind}`),
      columns: [
        { head: t(`keys.used.${kind}`), names: true, cell: (row) => html`<span class="used-name ${mono && row.name !== OTHER ? 'mono' : ''}" translate=${row.name === OTHER ? 'yes' : 'no'}>${row.label}</span>` },
        { head: t('keys.used.count'), align: 'end', cell: (row) => (row.used ? number(row.used.count) : html`<span class="muted">0</span>`) },
        { head: t('keys.used.last'), cell: (row) => timeAgo(row.used?.lastUsedAt, t('keys.used.not')) },
      ],
      rows: all,
      key: (row) => row.name,
      rowClass: (row) => (row.used ? '' : 'row-quiet'),
    })}</div>`;
}
