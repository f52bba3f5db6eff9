import { html, nothing, type TemplateResult } from 'lit';
import type { Store } from '../api/types.js';
import { Combobox, type Choices } from '../elements/combobox.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { t } from '../texts/texts.js';
import { titleOf } from '../texts/problems.js';
import { addressOf } from './addresses.js';
import { go, place } from './router.js';
import { byPlatform, currentStore, enterStore, loadStores, stores, storesProblem } from './stores.js';

/** In which store one works: all of them, which is null, or one. Searched by typing, moved through by arrow keys. */
class StoreSwitch extends PanelElement {
  static override properties = { open: { state: true } };
  protected override readonly follows = [stores, storesProblem, currentStore, place];
  declare private open: boolean;
  readonly #id = uniqueId('stores');
  readonly #combobox = new Combobox<Store | null>(this, {
    groups: () => (this.open ? this.#groups() : []),
    id: (store) => idOf(store?.key ?? null),
    choose: (store) => this.#choose(store?.key ?? null),
  });

  constructor() {
    super();
    this.open = false;
  }

  #toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    if (this.open) {
      this.#combobox.begin(idOf(currentStore.value));
      void this.updateComplete.then(() => this.querySelector('input')?.focus());
    }
  };

  #groups(): Choices<Store | null>[] {
    const text = this.#combobox.text.trim().toLocaleLowerCase();
    const all = stores.value ?? [];
    const found = byPlatform(text ? all.filter((store) => `${store.name} ${store.key} ${store.platform ?? ''}`.toLocaleLowerCase().includes(text)) : all);
    return [...(text ? [] : [{ label: null, choices: [null] }]), ...found.map(({ label, stores: choices }) => ({ label, choices }))];
  }

  #choose(key: string | null): void {
    this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    const page = place.value.page;
    // Arriving there enters it; who stays, with something typed, stays in the store too.
    if (key) {
      // On a page of one store one stays on it; elsewhere a store means its API keys.
      void go(page?.navigation?.store ? addressOf(page, key) : `/store/${encodeURIComponent(key)}/settings/api`);
    } else if (page && place.value.params['store']) {
      void go(addressOf(page, null));
    } else {
      enterStore(null);
    }
  }

  protected override render(): TemplateResult {
    const chosen = stores.value?.find((store) => store.key === currentStore.value);
    const name = chosen?.name ?? currentStore.value ?? t('frame.stores.all');
    return html`
      <button class="store-button" popovertarget=${this.#id} aria-haspopup="listbox" aria-expanded=${this.open ? 'true' : 'false'}
        aria-label=${t('frame.stores.switch', { name })}>
        ${icon('store')}<span class="store-name">${name}</span>${icon('updown')}
      </button>
      <div class="menu store-popover" id=${this.#id} popover @toggle=${this.#toggled}>${this.open ? this.#list() : nothing}</div>`;
  }

  #list(): TemplateResult {
    return html`
      ${this.#combobox.field(t('frame.stores.search'))}
      ${this.#combobox.list(t('frame.stores.label'), (store) => html`<span>${store?.name ?? t('frame.stores.all')}</span>
        ${store ? html`<span class="menu-detail mono">${store.key}</span>` : nothing}${isCurrent(store) ? icon('check') : nothing}`, isCurrent)}
      ${this.#combobox.count === 0 ? html`<p class="menu-empty" role="status">${t('frame.stores.none', { text: this.#combobox.text })}</p>` : nothing}
      ${storesProblem.value ? html`<div class="menu-empty" role="alert">${titleOf(storesProblem.value)}
        <button class="button button-small" @click=${() => void loadStores()}>${t('elements.retry')}</button></div>` : nothing}`;
  }
}

function isCurrent(store: Store | null): boolean {
  return (store?.key ?? null) === currentStore.value;
}

function idOf(key: string | null): string {
  return key === null ? 'all' : `store ${key}`;
}

define('lk-store-switch', StoreSwitch);
