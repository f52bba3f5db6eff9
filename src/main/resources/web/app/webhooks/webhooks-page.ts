import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { define, PanelElement } from '../elements/element.js';
import { filters, type Select } from '../elements/filters.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, problemBanner, skeleton } from '../elements/states.js';
import { table, type Column } from '../elements/table.js';
import { place, setQuery } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { byPlatform, stores } from '../frame/stores.js';
import { subject } from '../frame/subject.js';
import { t } from '../texts/texts.js';
import { create, edit, takesChanges, type Change } from './actions.js';
import './last-result.js';
import { recipes } from './recipes.js';
import './webhook-menu.js';
import { eventsOf, nameOf, placeOf, reaches, stateOf, stateTag, STATES, storesOf, type Webhook } from './webhook.js';

/** What the list can be narrowed by, as the address names it. An organization has few webhooks: all of them are here. */
const FILTERS = ['q', 'state', 'event', 'store'] as const;
type Filter = (typeof FILTERS)[number];

/** All webhooks of the organization, or those that get the events of one store. */
class WebhooksPage extends PanelElement {
  static override properties = { store: { attribute: false }, all: { state: true }, problem: { state: true }, loading: { state: true } };
  protected override readonly follows = [place, stores, session];
  /** The key of a store; null: all of them. */
  declare store: string | null;
  /** Newest first; null: on their way. */
  declare private all: readonly Webhook[] | null;
  declare private problem: Problem | null;
  declare private loading: boolean;

  constructor() {
    super();
    this.store = null;
    this.all = null;
    this.problem = null;
    this.loading = false;
    takesChanges(this, (change) => this.#take(change));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.loading = true;
    const answer = await api.all<Webhook>('/webhooks');
    this.loading = false;
    this.problem = answer.ok ? null : answer.problem;
    this.all = answer.ok ? answer.value : this.all;
  }

  #take(change: Change): void {
    const all = this.all ?? [];
    if (change.kind === 'created') {
      this.all = [change.webhook, ...all];
    } else if (change.kind === 'deleted') {
      this.all = all.filter((webhook) => webhook.id !== change.id);
      // The button that had the focus is gone with its row.
      this.closest('main')?.focus();
    } else {
      this.all = all.map((webhook) => (webhook.id === change.webhook.id ? change.webhook : webhook));
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
  }

  #storeName(): string {
    return stores.value?.find((store) => store.key === this.store)?.name ?? this.store ?? '';
  }

  /** Those of this page, whatever they are narrowed to. */
  #own(): readonly Webhook[] {
    const { store } = this;
    return (this.all ?? []).filter((webhook) => !store || reaches(webhook, store));
  }

  #shown(): readonly Webhook[] {
    const [text, state, event, store] = FILTERS.map((name) => this.#filter(name));
    const words = text!.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return this.#own().filter((webhook) => {
      const all = `${webhook.description ?? ''} ${webhook.url} ${webhook.id}`.toLocaleLowerCase();
      return words.every((word) => all.includes(word)) && (!state || stateOf(webhook) === state) && (!event || webhook.events.includes(event)) && (!store || reaches(webhook, store));
    });
  }

  protected override render(): TemplateResult {
    const isEmpty = this.all !== null && this.#own().length === 0;
    return html`<div class="page page-wide">
      <header class="page-head">
        <div><h1>${this.store ? t('webhooks.titleOfStore', { store: this.#storeName() }) : t('frame.pages.webhooks')}</h1>
          <p class="lead">${this.store ? t('webhooks.leadOfStore', { store: this.#storeName() }) : t('webhooks.lead')}</p></div>
        ${may('webhooks:manage') && !isEmpty ? html`<div class="page-actions">${this.#createButton()}</div>` : nothing}
      </header>
      ${this.#content(isEmpty)}
    </div>`;
  }

  #createButton(): TemplateResult {
    return html`<button type="button" class="button button-primary" @click=${() => void create(this.store)}>${icon('plus')}${t('webhooks.create')}</button>`;
  }

  #content(isEmpty: boolean): TemplateResult {
    if (this.store && stores.value && !stores.value.some((store) => store.key === this.store)) {
      return emptyState({
        icon: 'store', title: t('keys.noStore.title'), body: t('keys.noStore.body', { store: this.store }),
        action: html`<a class="button button-primary" href="/webhooks">${t('webhooks.noStore')}</a>`,
      });
    }
    if (this.all === null) {
      return this.problem ? errorState(this.problem, () => void this.#load()) : skeleton(6);
    }
    if (isEmpty) {
      return this.#empty();
    }
    const rows = this.#shown();
    return html`${this.#filters(rows.length)}
      ${this.problem ? problemBanner(this.problem, () => void this.#load()) : nothing}
      ${rows.length === 0 ? emptyState({
        icon: 'search', title: t('webhooks.none.title'), body: t('webhooks.none.body'),
        action: html`<button type="button" class="button" @click=${this.#clear}>${t('elements.filters.clear')}</button>`,
      }) : table({ caption: t('webhooks.caption'), columns: columns(), rows, key: (webhook) => webhook.id, busy: this.loading, rowClass: (webhook) => (webhook.active ? '' : 'row-quiet') })}`;
  }

  /** What webhooks are good for, and the way to the first one. */
  #empty(): TemplateResult {
    return html`${emptyState({
      icon: 'webhook',
      title: this.store ? t('webhooks.empty.titleOfStore', { store: this.#storeName() }) : t('webhooks.empty.title'),
      body: may('webhooks:manage') ? t('webhooks.empty.body') : t('webhooks.empty.bodyReader'),
      action: may('webhooks:manage') ? this.#createButton() : undefined,
    })}${recipes()}`;
  }

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #filters(count: number): TemplateResult {
    return filters({
      label: t('webhooks.filters'),
      search: { name: 'q', label: t('webhooks.filters.text'), value: this.#filter('q') },
      selects: this.#selects(),
      change: (name, value) => setQuery({ [name]: value }),
      clear: this.#clear,
      summary: t('webhooks.filters.count', { count }),
    });
  }

  #selects(): Select[] {
    const any = { value: '', label: t('keys.filters.any') };
    const event = this.#filter('event');
    const events = [...new Set([...this.#own().flatMap((webhook) => webhook.events), ...(event ? [event] : [])])].sort();
    return [
      { name: 'state', label: t('webhooks.columns.state'), value: this.#filter('state'), options: [any, ...STATES.map((value) => ({ value, label: t(`webhooks.filters.state.${value}`) }))] },
      { name: 'event', label: t('webhooks.columns.event'), value: event, options: [any, ...events.map((value) => ({ value, label: value }))] },
      ...(this.store ? [] : [{ name: 'store', label: t('keys.filters.store'), value: this.#filter('store'),
        options: [any, ...byPlatform([...(stores.value ?? [])]).flatMap((group) => group.stores.map((store) => ({ value: store.key, label: store.name, group: group.label })))] }]),
    ];
  }
}

function columns(): Column<Webhook>[] {
  return [
    { head: t('webhooks.columns.webhook'), names: true, cell: nameCell },
    { head: t('webhooks.columns.state'), cell: stateTag },
    { head: t('webhooks.columns.last'), cell: (webhook) => html`<lk-last-result .of=${webhook}></lk-last-result>` },
    { head: t('webhooks.columns.events'), cell: eventsOf },
    { head: t('webhooks.columns.stores'), cell: storesOf, from: 'medium' },
    { head: t('keys.columns.actions'), quiet: true, cell: actions },
  ];
}

function nameCell(webhook: Webhook): TemplateResult {
  const name = nameOf(webhook);
  const at = placeOf(webhook.url);
  return html`<div class="row-name"><a href="/webhooks/${webhook.id}" translate="no">${name}</a>
    ${name === at ? nothing : html`<span class="key-note mono" translate="no" title=${webhook.url}>${at}</span>`}
    <span class="webhook-id"><code title=${webhook.id}><span aria-hidden="true">${webhook.id.slice(0, 8)}…${webhook.id.slice(-12)}</span><span class="visually-hidden">${webhook.id}</span></code><lk-copy .text=${webhook.id} .label=${t('webhooks.copyId', { name })}></lk-copy></span></div>`;
}

function actions(webhook: Webhook): TemplateResult | typeof nothing {
  return !may('webhooks:manage') ? nothing : html`<span class="row-actions"><button type="button" class="icon-button" aria-label=${t('webhooks.editOf', { name: nameOf(webhook) })}
    title=${t('webhooks.actions.edit')} @click=${() => void edit(webhook)}>${icon('edit')}</button><lk-webhook-menu .of=${webhook}></lk-webhook-menu></span>`;
}

define('lk-webhooks-page', WebhooksPage);
