import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { define, PanelElement } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, note, skeleton } from '../elements/states.js';
import { addressOf } from '../frame/addresses.js';
import { pages } from '../frame/pages.js';
import { go } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { currentStore, stores } from '../frame/stores.js';
import { subject } from '../frame/subject.js';
import { agoInText } from '../texts/format.js';
import { locale, t } from '../texts/texts.js';
import { actionsOf, mayReveal, reveal, takesChanges, type Change, type KeyAction } from './actions.js';
import { loadCatalog, type Catalog } from './catalog.js';
import './key-activity.js';
import { keyFacts } from './key-facts.js';
import './key-menu.js';
import './key-recent.js';
import './key-usage.js';
import { masked, statusOf, type Key } from './key.js';

/** All there is to know about one key, and what can be done with it. */
class KeyPage extends PanelElement {
  static override properties = { keyId: { attribute: false }, of: { state: true }, problem: { state: true }, catalog: { state: true } };
  protected override readonly follows = [session, stores, currentStore];
  declare keyId: string;
  declare private of: Key | null;
  declare private problem: Problem | null;
  declare private catalog: Catalog | null;
  #asked = '';
  #language = '';

  constructor() {
    super();
    this.of = null;
    this.problem = null;
    this.catalog = null;
    takesChanges(this, (change) => this.#take(change));
  }

  #take(change: Change): void {
    if (change.kind === 'changed' && change.key.id === this.keyId) {
      this.of = change.key;
    } else if (change.kind === 'deleted' && change.id === this.keyId) {
      void go(this.#list(), 'replace');
    }
  }

  /** Where one comes from: the list of the store that one works in, or of all. */
  #list(): string {
    return addressOf(pages.find((page) => page.name === 'keys')!);
  }

  protected override willUpdate(): void {
    if (this.keyId !== this.#asked) {
      this.#asked = this.keyId;
      this.of = null;
      void this.#load();
    }
    if (this.#language !== locale.value) {
      this.#language = locale.value;
      void loadCatalog().then((answer) => { this.catalog = answer.ok ? answer.value : this.catalog; });
    }
    // As the list of keys has it.
    if (this.isConnected) {
      subject.value = this.of?.name ?? null;
    }
  }

  async #load(): Promise<void> {
    const asked = this.keyId;
    this.problem = null;
    const answer = await api.get<Key>(`/keys/${encodeURIComponent(asked)}`);
    if (asked !== this.keyId) {
      return;
    }
    this.of = answer.ok ? answer.value : null;
    this.problem = answer.ok ? null : answer.problem;
  }

  protected override render(): TemplateResult {
    const { of: key, problem } = this;
    if (problem?.status === 404) {
      return emptyState({
        page: true, icon: 'search', title: t('keys.page.gone'), body: t('keys.page.goneBody'),
        action: html`<a class="button button-primary" href=${this.#list()}>${t('frame.notFound.home')}</a>`,
      });
    }
    if (problem) {
      return errorState(problem, () => void this.#load(), true);
    }
    return html`<div class="page page-wide">
      <a class="back-link" href=${this.#list()}>${icon('left')}${t('frame.pages.keys')}</a>
      ${key ? this.#content(key) : html`<header class="page-head"><h1>${t('frame.pages.key')}</h1></header>${skeleton(8)}`}
    </div>`;
  }

  #content(key: Key): TemplateResult {
    return html`
      <header class="page-head">
        <div><h1 translate="no">${key.name}</h1>
          <div class="key-head">${statusOf(key)}<span class="key-line">${masked(key)}${mayReveal() ? html`<button type="button" class="icon-button icon-button-small"
            aria-label=${t('keys.reveal.of', { name: key.name })} title=${t('keys.reveal.title')} @click=${() => void reveal(key)}>${icon(key.recoverable ? 'eye' : 'eyeOff')}</button>` : nothing}</span></div>
          ${key.description ? html`<p class="lead" translate="no">${key.description}</p>` : nothing}</div>
        ${this.#actions(key)}
      </header>
      ${standing(key)}
      <div class="key-page">
        <section class="card" aria-label=${t('keys.facts')}>${keyFacts(key, this.catalog)}</section>
        <div class="key-sections">
          <lk-key-usage .of=${key}></lk-key-usage>
          <lk-key-recent .keyId=${key.id}></lk-key-recent>
          ${may('activity:read') ? html`<lk-key-activity .targetId=${key.id}></lk-key-activity>` : nothing}
        </div>
      </div>`;
  }

  /** The two that are wanted most in sight, all of them behind the dots. */
  #actions(key: Key): TemplateResult | typeof nothing {
    const actions = actionsOf(key);
    const first = (['edit', 'regenerate'] as const).map((name) => actions.find((action) => action.name === name)).filter((action): action is KeyAction => action !== undefined);
    return actions.length === 0 ? nothing : html`<div class="page-actions">${first.map((action) => html`<button type="button" class="button" @click=${() => void action.run()}>
      ${icon(action.icon)}${t(`keys.actions.${action.name}`)}</button>`)}<lk-key-menu .of=${key}></lk-key-menu></div>`;
  }
}

/** Why it is refused, where it is, and what helps. */
function standing(key: Key): TemplateResult | typeof nothing {
  switch (key.status) {
    case 'active': return nothing;
    case 'inactive': return note('info', t('keys.page.inactive'));
    case 'expired': return note('warning', t('keys.page.expired', { when: agoInText(key.expiresAt!) }));
    case 'revoked': return note('warning', html`${t('keys.page.revoked', { when: agoInText(key.revokedAt!) })}${key.revokedReason
      ? html` <span translate="no">${t('keys.page.reason', { reason: key.revokedReason })}</span>` : nothing}`);
  }
}

define('lk-key-page', KeyPage);
