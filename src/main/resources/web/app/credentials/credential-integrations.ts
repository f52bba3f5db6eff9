import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define, PanelElement, takesIn, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { errorState, problemBanner, skeleton } from '../elements/states.js';
import { tag } from '../elements/values.js';
import { may, session } from '../frame/session.js';
import type { Key } from '../keys/key.js';
import { recipesFor } from '../recipes/recipe.js';
import { t } from '../texts/texts.js';
import { bind, editBinding, unbind } from './binding.js';
import type { Credential } from './credential.js';
import { grant, mayGrant } from './grant.js';
import { integrationChanged, keysOf, mayUse, type Integration } from './integration.js';

/** Which integrations use a credential, and by which keys. */
class CredentialIntegrations extends PanelElement {
  static override properties = { of: { attribute: false }, integrations: { state: true }, keys: { state: true }, problem: { state: true } };
  protected override readonly follows = [session];
  declare of: Credential;
  declare private integrations: readonly Integration[] | null;
  /** By id; null: on their way. */
  declare private keys: ReadonlyMap<string, Key> | null;
  declare private problem: Problem | null;
  readonly #id = uniqueId('integrations');
  #asked = '';

  constructor() {
    super();
    this.integrations = null;
    this.keys = null;
    this.problem = null;
    takesIn(this, integrationChanged, () => void this.#load());
  }

  protected override willUpdate(): void {
    if (this.of.id !== this.#asked) {
      this.#asked = this.of.id;
      this.integrations = null;
      void this.#load();
    }
  }

  async #load(): Promise<void> {
    const asked = this.of.id;
    const answer = await api.all<Integration>('/integrations', { credential: asked });
    if (asked !== this.of.id) {
      return;
    }
    this.problem = answer.ok ? null : answer.problem;
    if (answer.ok) {
      this.integrations = answer.value;
      this.keys = await keysOf([...new Set(answer.value.flatMap((integration) => integration.keyIds))]);
    }
  }

  protected override render(): TemplateResult {
    return html`<section class="key-section" aria-labelledby=${this.#id} data-section="integrations">
      <header class="section-head"><div><h2 id=${this.#id}>${t('credentials.integrations')}</h2><p class="help">${t('credentials.integrations.lead')}</p></div>
        ${may('credentials:write') ? html`<button type="button" class="button button-small" @click=${() => void bind(this.of)}>${icon('plus')}${t('credentials.bind.open')}</button>` : nothing}</header>
      ${this.#content()}</section>`;
  }

  #content(): TemplateResult {
    const { integrations, problem } = this;
    if (!integrations) {
      return problem ? errorState(problem, () => void this.#load()) : skeleton(2);
    }
    return html`${problem ? problemBanner(problem, () => void this.#load()) : nothing}
      ${integrations.length === 0 ? html`<p class="section-none">${t('credentials.integrations.none')}</p>`
        : html`<ul class="card integrations">${integrations.map((integration) => html`<li data-integration=${integration.id}>${this.#one(integration)}</li>`)}</ul>`}
      ${may('credentials:write') ? recipesFor(['stock-to-an-erp'], t('recipes.help.credential')) : nothing}`;
  }

  #one(integration: Integration): TemplateResult {
    const { name } = integration;
    return html`<div class="integration"><div class="integration-name"><strong translate="no">${name}</strong>${integration.kind ? html`<span class="tag" translate="no">${integration.kind}</span>` : nothing}
        ${integration.active ? nothing : tag({ label: t('credentials.integrations.inactive'), tone: 'warning', title: t('credentials.integrations.inactiveHelp') })}</div>
      ${this.#keys(integration)}</div>
      ${may('credentials:write') ? html`<span class="row-actions">
        <button type="button" class="icon-button" aria-label=${t('credentials.bind.editOf', { name })} title=${t('credentials.bind.edit')} @click=${() => void editBinding(this.of, integration)}>${icon('edit')}</button>
        <button type="button" class="icon-button icon-button-danger" aria-label=${t('credentials.unbind.of', { name })} title=${t('credentials.unbind.action')} @click=${() => void this.#unbind(integration)}>${icon('minus')}</button></span>` : nothing}`;
  }

  async #unbind(integration: Integration): Promise<void> {
    if (await unbind(this.of, integration.id)) {
      // The button that had the focus goes with its row.
      this.closest('main')?.focus({ preventScroll: true });
    }
  }

  async #grant(key: Key): Promise<void> {
    const given = await grant(key);
    if (given) {
      this.keys = new Map([...(this.keys ?? []), [given.id, given]]);
      this.closest('main')?.focus({ preventScroll: true });
    }
  }

  #keys({ keyIds }: Integration): TemplateResult {
    if (keyIds.length === 0) {
      return html`<p class="key-note">${t('credentials.integrations.noKeys')}</p>`;
    }
    return html`<ul class="fact-list integration-keys">${keyIds.map((id) => {
      const key = this.keys?.get(id);
      return html`<li><a href="/keys/${id}" translate="no">${key?.name ?? (this.keys ? id : '…')}</a>${key && !mayUse(key)
        ? html` <span class="key-note">${t('credentials.bind.lacksScope')}</span>${mayGrant(key) ? html` <button type="button" class="link-button" aria-label=${t('credentials.grant.of', { name: key.name })}
          @click=${() => void this.#grant(key)}>${t('credentials.grant.action')}</button>` : nothing}` : key && key.status !== 'active' ? html` <span class="key-note">${t(`keys.status.${key.status}`)}</span>` : nothing}</li>`;
    })}</ul>`;
  }
}

define('lk-credential-integrations', CredentialIntegrations);
