import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../api/problem.js';
import { define, PanelElement } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { errorState, skeleton } from '../elements/states.js';
import { list } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { TYPES, type CredentialType } from './credential.js';
import { CATEGORIES, GENERIC, loadProviders, plain, providers, type ProviderItem } from './provider.js';

/** What was chosen: a service that is known, or how another one wants to be signed in to. */
export type Chosen = { readonly provider: string } | { readonly type: CredentialType };
export type ChosenEvent = CustomEvent<Chosen>;

/** The services that are known, to choose one of them; `chosen` tells which. Those that are not known are chosen by type. */
export class Gallery extends PanelElement {
  static override properties = { text: { state: true }, problem: { state: true } };
  protected override readonly follows = [providers];
  declare private text: string;
  declare private problem: Problem | null;

  constructor() {
    super();
    this.text = '';
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  protected override firstUpdated(): void {
    this.querySelector('input')?.focus();
  }

  async #load(): Promise<void> {
    this.problem = null;
    const answer = await loadProviders();
    this.problem = answer.ok ? null : answer.problem;
  }

  #choose(chosen: Chosen): void {
    this.dispatchEvent(new CustomEvent<Chosen>('chosen', { detail: chosen }));
  }

  #found(): ProviderItem[] {
    const words = plain(this.text).split(/\s+/).filter(Boolean);
    return (providers.value ?? []).filter((provider) => provider.key !== GENERIC).filter((provider) => {
      const all = plain(`${provider.name} ${provider.key} ${t(`credentials.category.${provider.category}`)}`);
      return words.every((word) => all.includes(word));
    });
  }

  /** The only one that is left is chosen by Enter. */
  #keyed = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      const [only, ...others] = this.#found();
      if (only && others.length === 0) {
        this.#choose({ provider: only.key });
      }
    }
  };

  protected override render(): TemplateResult {
    const found = this.#found();
    return html`<div class="gallery">
      <label class="filter-search"><span class="visually-hidden">${t('credentials.gallery.find')}</span>${icon('search')}
        <input class="input" type="search" placeholder=${t('credentials.gallery.find')} autocomplete="off" spellcheck="false" .value=${this.text} @keydown=${this.#keyed}
          @input=${(event: Event) => { this.text = (event.target as HTMLInputElement).value; }}></label>
      ${this.problem ? errorState(this.problem, () => void this.#load()) : providers.value === undefined ? skeleton(4) : this.#groups(found)}
      ${this.#own()}
    </div>`;
  }

  #groups(found: readonly ProviderItem[]): TemplateResult {
    return html`<p class=${this.text.trim() === '' ? 'visually-hidden' : 'help'} role="status">${this.text.trim() === '' ? nothing
      : found.length === 0 ? t('credentials.gallery.none', { text: this.text.trim() }) : t('credentials.gallery.count', { count: found.length })}</p>
      ${CATEGORIES.map((category) => {
        const members = found.filter((provider) => provider.category === category);
        const id = `gallery-${category}`;
        return members.length === 0 ? nothing : html`<section aria-labelledby=${id}><h3 id=${id}>${t(`credentials.category.${category}`)}</h3>
          <ul class="gallery-list">${members.map((provider) => html`<li>${this.#provider(provider)}</li>`)}</ul></section>`;
      })}`;
  }

  #provider(provider: ProviderItem): TemplateResult {
    return html`<button type="button" class="gallery-card" data-provider=${provider.key} @click=${() => this.#choose({ provider: provider.key })}>
      <span class="gallery-name" translate="no">${provider.name}</span>
      <span class="key-note">${list(provider.types.map((type) => t(`credentials.type.${type}`)))}</span>
      ${provider.confirmed ? nothing : html`<span class="key-note gallery-unconfirmed" title=${t('credentials.provider.unconfirmed')}>${icon('info')}${t('credentials.gallery.unconfirmed')}</span>`}</button>`;
  }

  #own(): TemplateResult {
    return html`<section class="gallery-own" aria-labelledby="gallery-own"><h3 id="gallery-own">${t('credentials.gallery.own')}</h3><p class="help">${t('credentials.gallery.ownHelp')}</p>
      <div class="gallery-types">${TYPES.map((type) => html`<button type="button" class="button button-small" data-type=${type} @click=${() => this.#choose({ type })}>${t(`credentials.type.${type}`)}</button>`)}</div></section>`;
  }
}

define('lk-provider-gallery', Gallery);
