import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement } from '../elements/element.js';
import { filters, type Select } from '../elements/filters.js';
import { keepFocus } from '../elements/focus.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { table, type Column } from '../elements/table.js';
import { tag, timeAgo } from '../elements/values.js';
import { place, setQuery } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { byPlatform, stores } from '../frame/stores.js';
import { subject } from '../frame/subject.js';
import { storeName } from '../keys/key.js';
import { recipesFor } from '../recipes/recipe.js';
import { t } from '../texts/texts.js';
import { create, takesChanges, test, working, type Change } from './actions.js';
import './credential-findings.js';
import './credential-menu.js';
import { endOf, inLanguage, STATUSES, statusOf, TYPES, type Credential } from './credential.js';
import { GENERIC, loadProviders, providerName, providers } from './provider.js';

/** What a list of credentials can be narrowed by, as the API and the address name it. */
const FILTERS = ['status', 'type', 'provider', 'store'] as const;
type Filter = (typeof FILTERS)[number];

/** All third-party credentials of the organization, or those that one store may use. */
class CredentialsPage extends PanelElement {
  static override properties = { store: { attribute: false } };
  protected override readonly follows = [place, stores, session, providers, working];
  /** The key of a store; null: all of them. */
  declare store: string | null;
  readonly #list = new List<Credential>(this, '/credentials', 50, inLanguage);

  constructor() {
    super();
    this.store = null;
    takesChanges(this, (change) => this.#take(change));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Where they cannot be told, their keys stand in the place of their names.
    void loadProviders();
  }

  /** A change takes its row's place; a new one stands where the list says. */
  #take(change: Change): void {
    if (change.kind === 'created') {
      void this.#list.load();
    } else if (change.kind === 'deleted') {
      this.#list.remove((credential) => credential.id === change.id);
      // The button that had the focus is gone with its row.
      this.closest('main')?.focus();
    } else {
      this.#list.replace(change.credential, (credential) => credential.id === change.credential.id);
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
    if (session.value) {
      this.#list.ask(Object.fromEntries(FILTERS.map((name) => [name, this.#filter(name)])));
    }
  }

  #storeName(): string {
    return stores.value?.find((store) => store.key === this.store)?.name ?? this.store ?? '';
  }

  protected override render(): TemplateResult {
    return html`<div class="page page-wide">
      <header class="page-head">
        <div><h1>${this.store ? t('credentials.titleOfStore', { store: this.#storeName() }) : t('frame.pages.credentials')}</h1>
          <p class="lead">${this.store ? t('credentials.leadOfStore', { store: this.#storeName() }) : t('credentials.lead')}</p></div>
        ${may('credentials:write') && !this.#isEmpty() ? html`<div class="page-actions">${this.#createButton()}</div>` : nothing}
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

  #createButton(): TemplateResult {
    return html`<button type="button" class="button button-primary" @click=${this.#create}>${icon('plus')}${t('credentials.create')}</button>`;
  }

  #content(): TemplateResult {
    const list = this.#list;
    if (list.problem?.errors.some((error) => error.field === 'store')) {
      return emptyState({
        icon: 'store', title: t('keys.noStore.title'), body: t('keys.noStore.body', { store: this.#filter('store') }),
        action: html`<a class="button button-primary" href="/credentials">${t('credentials.noStore')}</a>`,
      });
    }
    if (this.#isEmpty()) {
      return html`${emptyState({
        icon: 'plug',
        title: this.store ? t('credentials.empty.titleOfStore', { store: this.#storeName() }) : t('credentials.empty.title'),
        body: may('credentials:write') ? t('credentials.empty.body') : t('credentials.empty.bodyReader'),
        action: may('credentials:write') ? this.#createButton() : undefined,
      })}${may('credentials:write') ? recipesFor(['stock-to-an-erp']) : nothing}`;
    }
    const none = list.items.length === 0;
    return html`${this.#filters()}
      ${none && list.problem ? errorState(list.problem, () => void list.load()) : !list.loaded || (none && list.loading && !this.#isNarrowed()) ? skeleton(6) : none ? this.#nothing() : html`
        ${list.header()}${table({ caption: t('credentials.caption'), columns: this.#columns(), rows: list.items, key: (credential) => credential.id, busy: list.loading })}
        ${list.footer()}
        ${this.store ? nothing : html`<lk-credential-findings></lk-credential-findings>`}`}`;
  }

  /** There are none at all, as far as this page is concerned. */
  #isEmpty(): boolean {
    const list = this.#list;
    return list.loaded && !list.loading && !list.problem && list.items.length === 0 && !this.#isNarrowed();
  }

  #isNarrowed(): boolean {
    return FILTERS.some((name) => this.#filter(name) && !(name === 'store' && this.store));
  }

  #nothing(): TemplateResult {
    return emptyState({
      icon: 'search', title: t('credentials.none.title'), body: t('credentials.none.body'),
      action: html`<button type="button" class="button" @click=${this.#clear}>${t('elements.filters.clear')}</button>`,
    });
  }

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #filters(): TemplateResult {
    const list = this.#list;
    const count = list.items.length;
    return filters({
      label: t('credentials.filters'),
      selects: this.#selects(),
      change: (name, value) => setQuery({ [name]: value }),
      clear: this.#clear,
      summary: !list.loaded || (list.problem && count === 0) ? undefined : t(list.hasMore ? 'credentials.filters.first' : 'credentials.filters.count', { count }),
    });
  }

  #selects(): Select[] {
    const any = { value: '', label: t('keys.filters.any') };
    const provider = this.#filter('provider');
    const known = (providers.value ?? []).filter((each) => each.key !== GENERIC);
    return [
      { name: 'status', label: t('credentials.columns.status'), value: this.#filter('status'), options: [any, ...STATUSES.map((value) => ({ value, label: t(`credentials.status.${value}`) }))] },
      { name: 'type', label: t('credentials.columns.type'), value: this.#filter('type'), options: [any, ...TYPES.map((value) => ({ value, label: t(`credentials.type.${value}`) }))] },
      // One whose entry has gone can still be asked for.
      { name: 'provider', label: t('credentials.columns.provider'), value: provider, options: [any, ...known.map((each) => ({ value: each.key, label: each.name })),
        ...(provider && !known.some((each) => each.key === provider) ? [{ value: provider, label: providerName(provider) }] : [])] },
      ...(this.store ? [] : [{ name: 'store', label: t('keys.filters.store'), value: this.#filter('store'),
        options: [any, ...byPlatform([...(stores.value ?? [])]).flatMap((group) => group.stores.map((store) => ({ value: store.key, label: store.name, group: group.label })))] }]),
    ];
  }

  #columns(): Column<Credential>[] {
    return [
      { head: t('credentials.columns.credential'), names: true, cell: nameOf },
      { head: t('credentials.columns.status'), cell: statusOf },
      { head: t('credentials.columns.store'), cell: (credential) => (credential.store ? html`<span translate="no">${storeName(credential.store)}</span>` : tag({ label: t('frame.stores.all'), tone: 'accent' })), from: 'medium' },
      { head: t('credentials.columns.checked'), cell: (credential) => html`<span class="credential-when">${timeAgo(credential.checkedAt)}</span>` },
      { head: t('credentials.columns.ends'), cell: endOf },
      { head: t('credentials.columns.used'), cell: (credential) => html`<span class="credential-when">${timeAgo(credential.lastUsedAt)}</span>` },
      { head: t('keys.columns.actions'), quiet: true, cell: actions },
    ];
  }
}

function nameOf({ id, name, provider, type }: Credential): TemplateResult {
  return html`<div class="row-name credential-name"><a href="/credentials/${id}" translate="no">${name}</a>
    <span class="key-note"><span translate=${provider ? 'no' : nothing}>${providerName(provider)}</span> · ${t(`credentials.type.${type}`)}</span></div>`;
}

function actions(credential: Credential): TemplateResult | typeof nothing {
  const busy = working.value.has(credential.id);
  return !may('credentials:write') ? nothing : html`<span class="row-actions"><button type="button" class="icon-button" aria-label=${t('credentials.test.again', { name: credential.name })}
    title=${t('credentials.actions.test')} aria-busy=${busy ? 'true' : 'false'} aria-disabled=${busy ? 'true' : nothing} @click=${() => void test(credential)}>${icon('refresh')}</button>
    <lk-credential-menu .of=${credential}></lk-credential-menu></span>`;
}

define('lk-credentials-page', CredentialsPage);
