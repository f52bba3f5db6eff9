import { html, nothing, type TemplateResult } from 'lit';
import { api, Deletion } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import type { Store } from '../api/types.js';
import { askAndDo } from '../elements/confirm.js';
import { beforeOpening } from '../elements/dialog.js';
import { define, PanelElement } from '../elements/element.js';
import { keepFocus } from '../elements/focus.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { table } from '../elements/table.js';
import { refused, toast } from '../elements/toasts.js';
import { onDate } from '../elements/values.js';
import { may } from '../frame/session.js';
import { byPlatform, currentStore, enterStore, loadStores, stores, storesProblem } from '../frame/stores.js';
import { t } from '../texts/texts.js';
import { StoreDialog } from './store-dialog.js';

/** The shops of the organization, grouped by what runs them. */
class StoresPage extends PanelElement {
  static override properties = { text: { state: true } };
  protected override readonly follows = [stores, storesProblem];
  declare private text: string;

  constructor() {
    super();
    this.text = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Others may have changed them since the frame loaded them.
    void loadStores();
  }

  #create = async (): Promise<void> => {
    const store = await new StoreDialog().open();
    if (store) {
      toast(t('settings.stores.created', { name: store.name }));
      await loadStores();
      await this.updateComplete;
      // Of the first one: the button that was pressed stood where the list stands now.
      keepFocus(this.querySelector('.page-actions button'));
    }
  };

  async #edit(store: Store): Promise<void> {
    const answer = await beforeOpening(() => api.get<Store>(`/stores/${store.id}`));
    if (!answer) {
      return;
    }
    if (!answer.ok) {
      refused(answer.problem, () => void this.#edit(store));
      void loadStores();
      return;
    }
    const saved = await new StoreDialog().edit(answer.value, answer.etag).open();
    if (saved) {
      if (currentStore.value === store.key) {
        enterStore(saved.key);
      }
      toast(t('elements.saved'));
      await loadStores();
    }
  }

  async #delete(store: Store): Promise<void> {
    const deletion = new Deletion();
    const done = await askAndDo({
      title: t('settings.stores.deleteTitle', { name: store.name }),
      body: t('settings.stores.deleteBody'),
      action: t('settings.stores.deleteAction'),
      danger: true,
      run: () => deletion.send(`/stores/${store.id}`),
      explain: namingKeys,
    });
    if (done) {
      if (currentStore.value === store.key) {
        enterStore(null);
      }
      toast(t('settings.stores.deleted', { name: store.name }));
      await loadStores();
    }
  }

  protected override render(): TemplateResult {
    return html`<div class="page">
      <header class="page-head">
        <div><h1>${t('frame.pages.stores')}</h1><p class="lead">${t('settings.stores.lead')}</p></div>
        ${may('stores:write') && stores.value?.length ? html`<div class="page-actions"><button class="button button-primary" @click=${this.#create}>
          ${icon('plus')}${t('settings.stores.add')}</button></div>` : nothing}
      </header>
      ${this.#content()}
    </div>`;
  }

  #content(): TemplateResult {
    const all = stores.value;
    if (!all) {
      return storesProblem.value ? errorState(storesProblem.value, () => void loadStores()) : skeleton();
    }
    if (all.length === 0) {
      return emptyState({
        icon: 'store', title: t('settings.stores.emptyTitle'), body: t('settings.stores.emptyBody'),
        action: may('stores:write') ? html`<button class="button button-primary" @click=${this.#create}>${icon('plus')}${t('settings.stores.add')}</button>` : undefined,
      });
    }
    return table<Store>({
      caption: t('frame.pages.stores'),
      rows: all,
      groups: byPlatform(all).map((group) => ({ label: group.label, rows: group.stores })),
      key: (store) => store.id,
      columns: [
        { head: t('settings.store.name'), names: true, cell: (store) => html`<span class="cell-two"><span>${store.name}</span>${address(store)}</span>` },
        { head: t('settings.store.key'), cell: (store) => html`<code>${store.key}</code>` },
        { head: t('settings.stores.addedOn'), from: 'medium', cell: (store) => onDate(store.createdAt) },
        {
          head: t('frame.pages.keys'), cell: (store) => (may('keys:read')
            ? html`<a href="/store/${encodeURIComponent(store.key)}/settings/api">${t('settings.stores.keys')}<span class="visually-hidden">: ${store.name}</span></a>` : '–'),
        },
        {
          head: t('elements.actions'), quiet: true, cell: (store) => (may('stores:write') ? html`<span class="row-actions">
            <button class="icon-button" aria-label=${t('settings.stores.edit', { name: store.name })} title=${t('elements.edit')} @click=${() => void this.#edit(store)}>${icon('edit')}</button>
            <button class="icon-button icon-button-danger" aria-label=${t('settings.stores.delete', { name: store.name })} title=${t('elements.delete')} @click=${() => void this.#delete(store)}>${icon('trash')}</button>
          </span>` : nothing),
        },
      ],
    });
  }
}

function address(store: Store): TemplateResult | typeof nothing {
  return store.url ? html`<a class="cell-detail" href=${store.url} target="_blank" rel="noopener noreferrer">${store.url.replace(/^https?:\/\//, '').replace(/\/$/, '')}${icon('external')}</a>` : nothing;
}

/** The 409 of a store that keys name: which ones, so that they can be mended. */
function namingKeys(problem: Problem): TemplateResult | null {
  const keys = problem.errors.filter((error) => error.field === 'keys').map((error) => /^(?<name>.*) \((?<id>[0-9a-f-]{36})\)$/.exec(error.message)?.groups);
  if (problem.status !== 409 || keys.length === 0) {
    return null;
  }
  return html`<div class="banner banner-error" role="alert">${icon('error')}<div class="banner-text">
    <strong>${t('settings.stores.named', { count: keys.length })}</strong><p>${t('settings.stores.namedBody')}</p>
    <ul class="plain-list">${keys.map((key) => (key ? html`<li><a href="/keys/${key['id']}" target="_blank">${key['name']}</a></li>` : nothing))}</ul></div></div>`;
}

define('lk-stores-page', StoresPage);
