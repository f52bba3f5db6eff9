import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { t } from '../texts/texts.js';
import { titleOf } from '../texts/problems.js';
import { addressOf } from './addresses.js';
import { go, place } from './router.js';
import { byPlatform, currentStore, enterStore, loadStores, stores, storesProblem } from './stores.js';

/** In which store one works: all of them, or one. Searched by typing, moved through by arrow keys. */
class StoreSwitch extends PanelElement {
  static override properties = { text: { state: true }, active: { state: true }, open: { state: true } };
  protected override readonly follows = [stores, storesProblem, currentStore, place];
  declare private text: string;
  declare private active: number;
  declare private open: boolean;
  readonly #id = uniqueId('stores');

  constructor() {
    super();
    this.text = '';
    this.active = 0;
    this.open = false;
  }

  #toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    if (this.open) {
      this.text = '';
      this.active = Math.max(0, this.#choices().indexOf(currentStore.value));
      void this.updateComplete.then(() => {
        this.querySelector('input')?.focus();
        this.#showActive();
      });
    }
  };

  #matching() {
    const text = this.text.trim().toLocaleLowerCase();
    const all = stores.value ?? [];
    return byPlatform(text ? all.filter((store) => `${store.name} ${store.key} ${store.platform ?? ''}`.toLocaleLowerCase().includes(text)) : all);
  }

  /** Keys in the order shown; null is all stores. */
  #choices(): (string | null)[] {
    return [...(this.text.trim() ? [] : [null]), ...this.#matching().flatMap((group) => group.stores.map((store) => store.key))];
  }

  #choose(key: string | null): void {
    this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    enterStore(key);
    const page = place.value.page;
    // On a page of one store one stays on it; elsewhere a store means its API keys.
    const target = page?.navigation?.store || !key ? page : null;
    if (key) {
      void go(target ? addressOf(target) : `/store/${encodeURIComponent(key)}/settings/api`);
    } else if (page && place.value.params['store']) {
      void go(addressOf(page));
    }
  }

  #keyed = (event: KeyboardEvent): void => {
    const choices = this.#choices();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.active = (this.active + step + choices.length) % Math.max(1, choices.length);
      void this.updateComplete.then(() => this.#showActive());
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = choices[this.active];
      if (chosen !== undefined) {
        this.#choose(chosen);
      }
    }
  };

  #showActive(): void {
    this.querySelector('[role=option][data-active]')?.scrollIntoView({ block: 'nearest' });
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
    const groups = this.#matching();
    const choices = this.#choices();
    return html`
      <div class="menu-search">${icon('search')}<input type="text" role="combobox" aria-expanded="true" aria-controls="${this.#id}-list"
        aria-activedescendant=${choices.length > 0 ? `${this.#id}-${this.active}` : nothing} aria-label=${t('frame.stores.search')}
        placeholder=${t('frame.stores.search')} autocomplete="off" spellcheck="false" .value=${this.text} @keydown=${this.#keyed}
        @input=${(event: Event) => { this.text = (event.target as HTMLInputElement).value; this.active = 0; }}></div>
      <div class="menu-list" role="listbox" id="${this.#id}-list" aria-label=${t('frame.stores.label')}>
        ${choices[0] === null ? this.#option(null, t('frame.stores.all'), '', 0) : nothing}
        ${groups.map((group) => html`<div role="group" aria-label=${group.label}><div class="menu-heading" aria-hidden="true">${group.label}</div>
          ${group.stores.map((store) => this.#option(store.key, store.name, store.key, choices.indexOf(store.key)))}</div>`)}
      </div>
      ${choices.length === 0 ? html`<p class="menu-empty" role="status">${t('frame.stores.none', { text: this.text })}</p>` : nothing}
      ${storesProblem.value ? html`<div class="menu-empty" role="alert">${titleOf(storesProblem.value)}
        <button class="button button-small" @click=${() => void loadStores()}>${t('elements.retry')}</button></div>` : nothing}`;
  }

  #option(key: string | null, name: string, detail: string, index: number): TemplateResult {
    const chosen = currentStore.value === key;
    return html`<div role="option" id="${this.#id}-${index}" class="menu-item" ?data-active=${index === this.active}
      aria-selected=${chosen ? 'true' : 'false'} @click=${() => this.#choose(key)} @pointermove=${() => { this.active = index; }}>
      <span>${name}</span>${detail ? html`<span class="menu-detail mono">${detail}</span>` : nothing}${chosen ? icon('check') : nothing}</div>`;
  }
}

define('lk-store-switch', StoreSwitch);
