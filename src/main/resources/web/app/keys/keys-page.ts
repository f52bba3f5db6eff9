import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import { define, PanelElement } from '../elements/element.js';
import { filters, type Select } from '../elements/filters.js';
import { keepFocus } from '../elements/focus.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { table, type Column } from '../elements/table.js';
import { sparkline, timeAgo } from '../elements/values.js';
import { place, setQuery } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { byPlatform, stores } from '../frame/stores.js';
import { subject } from '../frame/subject.js';
import { recipesFor } from '../recipes/recipe.js';
import { locale, t } from '../texts/texts.js';
import { actionsOf, create, edit, mayReveal, reveal, takesChanges, type Change } from './actions.js';
import { loadCatalog, type Catalog } from './catalog.js';
import { createdOf, masked, scopesOf, STATUSES, statusOf, storesOf, type Key } from './key.js';
import './key-menu.js';

/** What a list of keys can be narrowed by, as the API and the address name it. */
const FILTERS = ['q', 'status', 'access', 'store', 'scope'] as const;
type Filter = (typeof FILTERS)[number];

const DAYS = 14;

interface Daily {
  readonly id: string;
  readonly accepted: readonly number[];
  readonly refused: readonly number[];
}

/** All keys of the organization, or those that reach one store. */
class KeysPage extends PanelElement {
  static override properties = { store: { attribute: false }, catalog: { state: true }, usage: { state: true } };
  protected override readonly follows = [place, stores, session];
  /** The key of a store; null: all of them. */
  declare store: string | null;
  declare private catalog: Catalog | null;
  /** By the id of a key; null while it is asked for, and where it could not be told. */
  declare private usage: ReadonlyMap<string, Daily | null>;
  readonly #list = new List<Key>(this, '/keys');
  #uncounted = new Set<string>();
  #asked = '';
  #language = '';

  constructor() {
    super();
    this.store = null;
    this.catalog = null;
    this.usage = new Map();
    takesChanges(this, (change) => this.#take(change));
  }

  /** A change takes its row's place; a new key stands where the list says, which is at its head. */
  #take(change: Change): void {
    if (change.kind === 'created') {
      this.#load();
    } else if (change.kind === 'deleted') {
      this.#list.remove((key) => key.id === change.id);
      // The button that had the focus is gone with its row.
      this.closest('main')?.focus();
    } else {
      this.#list.replace(change.key, (key) => key.id === change.key.id);
    }
  }

  #filter(name: Filter): string {
    return name === 'store' && this.store ? this.store : place.value.query.get(name) ?? '';
  }

  protected override willUpdate(): void {
    // An answer that comes when the page has been left is not to name the next one.
    if (this.isConnected) {
      subject.value = this.store ? this.#storeName() : null;
    }
    const query = Object.fromEntries(FILTERS.map((name) => [name, this.#filter(name)]));
    const asked = JSON.stringify(query);
    if (asked !== this.#asked && session.value) {
      this.#asked = asked;
      this.#load(query);
    }
    if (this.#language !== locale.value && session.value) {
      this.#language = locale.value;
      void loadCatalog().then((answer) => { this.catalog = answer.ok ? answer.value : this.catalog; });
    }
  }

  /** What could not be counted before is asked for again with the rows. */
  #load(query?: Readonly<Record<string, string>>): void {
    const uncounted = this.#uncounted;
    this.#uncounted = new Set();
    this.usage = new Map([...this.usage].filter(([id]) => !uncounted.has(id)));
    void this.#list.load(query);
  }

  protected override updated(): void {
    const unknown = this.#list.items.map((key) => key.id).filter((id) => !this.usage.has(id));
    if (unknown.length > 0) {
      void this.#count(unknown);
    }
  }

  /** One request for a page of keys. */
  async #count(ids: readonly string[]): Promise<void> {
    this.usage = new Map([...this.usage, ...ids.map((id) => [id, null] as const)]);
    const named = new URLSearchParams([...ids.map((id) => ['id', id]), ['days', String(DAYS)]]);
    const answer = await api.get<{ readonly keys: readonly Daily[] }>(`/keys/usage?${named}`);
    if (answer.ok) {
      this.usage = new Map([...this.usage, ...answer.value.keys.map((key) => [key.id, key] as const)]);
    } else {
      ids.forEach((id) => this.#uncounted.add(id));
    }
  }

  #storeName(): string {
    return stores.value?.find((store) => store.key === this.store)?.name ?? this.store ?? '';
  }

  protected override render(): TemplateResult {
    return html`<div class="page page-wide">
      <header class="page-head">
        <div><h1>${this.store ? t('keys.titleOfStore', { store: this.#storeName() }) : t('frame.pages.keys')}</h1>
          <p class="lead">${this.store ? t('keys.leadOfStore', { store: this.#storeName() }) : t('keys.lead')}</p></div>
        ${may('keys:write') && !this.#isEmpty() ? html`<div class="page-actions"><button type="button" class="button button-primary" @click=${this.#create}>
          ${icon('plus')}${t('keys.create')}</button></div>` : nothing}
      </header>
      ${this.#content()}
    </div>`;
  }

  #create = async (): Promise<void> => {
    await create(this.store);
    await this.updateComplete;
    // Of the first one: the button that was pressed stood where the list stands now.
    keepFocus(this.querySelector('.page-actions button'));
  };

  #content(): TemplateResult {
    const list = this.#list;
    if (list.problem?.errors.some((error) => error.field === 'store')) {
      return emptyState({
        icon: 'store', title: t('keys.noStore.title'), body: t('keys.noStore.body', { store: this.#filter('store') }),
        action: html`<a class="button button-primary" href="/keys">${t('keys.noStore.action')}</a>`,
      });
    }
    if (this.#isEmpty()) {
      return this.#empty();
    }
    const none = list.items.length === 0;
    return html`${this.#filters()}
      ${none && list.problem ? errorState(list.problem, () => this.#load()) : !list.loaded || (none && list.loading && !this.#isNarrowed()) ? skeleton(8) : none ? this.#nothing() : html`
        ${list.header()}${table({ caption: t('keys.caption'), columns: this.#columns(), rows: list.items, key: (key) => key.id, busy: list.loading,
          rowClass: (key) => (key.status === 'active' ? '' : 'row-quiet') })}
        ${list.footer()}`}`;
  }

  /** There are none at all, as far as this page is concerned. */
  #isEmpty(): boolean {
    const list = this.#list;
    return list.loaded && !list.loading && !list.problem && list.items.length === 0 && !this.#isNarrowed();
  }

  #isNarrowed(): boolean {
    return FILTERS.some((name) => this.#filter(name) && !(name === 'store' && this.store));
  }

  #empty(): TemplateResult {
    return html`${emptyState({
      icon: 'key',
      title: this.store ? t('keys.empty.titleOfStore', { store: this.#storeName() }) : t('keys.empty.title'),
      body: may('keys:write') ? t('keys.empty.body') : t('keys.empty.bodyReader'),
      action: may('keys:write') ? html`<button type="button" class="button button-primary" @click=${this.#create}>${icon('plus')}${t('keys.create')}</button>` : undefined,
    })}${may('keys:write') ? recipesFor(['orders-from-a-channel', 'nightly-report']) : nothing}`;
  }

  #nothing(): TemplateResult {
    return emptyState({
      icon: 'search', title: t('keys.none.title'), body: t('keys.none.body'),
      action: html`<button type="button" class="button" @click=${this.#clear}>${t('elements.filters.clear')}</button>`,
    });
  }

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #filters(): TemplateResult {
    const list = this.#list;
    return filters({
      label: t('keys.filters'),
      search: { name: 'q', label: t('keys.filters.text'), value: this.#filter('q') },
      selects: this.#selects(),
      change: (name, value) => setQuery({ [name]: value }),
      clear: this.#clear,
      summary: !list.loaded || (list.problem && list.items.length === 0) ? undefined : list.hasMore ? t('keys.filters.first', { count: list.items.length }) : t('keys.filters.count', { count: list.items.length }),
    });
  }

  #selects(): Select[] {
    const scopes = (this.catalog?.groups ?? []).flatMap((group) => group.scopes.map((scope) => ({ value: scope.name, label: scope.name, group: group.name })));
    const chosen = this.#filter('scope');
    return [
      { name: 'status', label: t('keys.filters.status'), value: this.#filter('status'),
        options: [{ value: '', label: t('keys.filters.any') }, ...STATUSES.map((value) => ({ value, label: t(`keys.status.${value}`) }))] },
      { name: 'access', label: t('keys.filters.access'), value: this.#filter('access'),
        options: [{ value: '', label: t('keys.filters.any') }, ...(['all', 'stores'] as const).map((value) => ({ value, label: t(`keys.access.${value}`) }))] },
      ...(this.store ? [] : [{ name: 'store', label: t('keys.filters.store'), value: this.#filter('store'),
        options: [{ value: '', label: t('keys.filters.any') }, ...byPlatform([...(stores.value ?? [])]).flatMap((group) =>
          group.stores.map((store) => ({ value: store.key, label: store.name, group: group.label })))] }]),
      // A scope that the catalogue has no more can still be asked for: keys may hold it.
      { name: 'scope', label: t('keys.filters.scope'), value: chosen,
        options: [{ value: '', label: t('keys.filters.any') }, ...scopes,
          ...(chosen && !scopes.some((scope) => scope.value === chosen) ? [{ value: chosen, label: chosen }] : [])] },
    ];
  }

  #columns(): Column<Key>[] {
    return [
      { head: t('keys.columns.key'), names: true, cell: (key) => this.#name(key) },
      { head: t('keys.columns.status'), cell: statusOf },
      { head: t('keys.columns.scopes'), cell: scopesOf, from: 'medium' },
      { head: t('keys.columns.stores'), cell: storesOf },
      { head: t('keys.columns.created'), cell: createdOf, from: 'wide' },
      { head: t('keys.columns.used'), cell: (key) => html`<div class="key-use">${timeAgo(key.lastUsedAt)}${this.#spark(key)}</div>` },
      { head: t('keys.columns.actions'), quiet: true, cell: (key) => this.#actions(key) },
    ];
  }

  #name(key: Key): TemplateResult {
    return html`<div class="row-name key-name"><a href="/keys/${key.id}" translate="no" title=${key.description ?? nothing}>${key.name}</a>
      <span class="key-line">${masked(key)}${mayReveal() ? html`<button type="button" class="icon-button icon-button-small" aria-label=${t('keys.reveal.of', { name: key.name })}
        title=${t('keys.reveal.title')} @click=${() => void reveal(key)}>${icon(key.recoverable ? 'eye' : 'eyeOff')}</button>` : nothing}</span></div>`;
  }

  #spark(key: Key): TemplateResult | typeof nothing {
    const daily = this.usage.get(key.id);
    const refused = daily?.refused.reduce((sum, count) => sum + count, 0) ?? 0;
    // Of a key that nobody has presented yet there is nothing to draw.
    if (!daily || (!key.lastUsedAt && refused === 0)) {
      return nothing;
    }
    const label = t('keys.spark', { days: DAYS });
    return html`${sparkline({ values: daily.accepted, label: refused > 0 ? t('keys.sparkRefused', { label, count: refused }) : label })}`;
  }

  #actions(key: Key): TemplateResult {
    const mayEdit = actionsOf(key).some((action) => action.name === 'edit');
    return html`<span class="row-actions">${mayEdit ? html`<button type="button" class="icon-button" aria-label=${t('keys.editOf', { name: key.name })} title=${t('keys.actions.edit')}
      @click=${() => void edit(key)}>${icon('edit')}</button>` : nothing}<lk-key-menu .of=${key}></lk-key-menu></span>`;
  }
}

define('lk-keys-page', KeysPage);
