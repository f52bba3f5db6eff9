import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { PanelDialog } from '../elements/dialog.js';
import { define } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { problemBanner, skeleton } from '../elements/states.js';
import { time } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { wasConnected, type Credential } from './credential.js';
import { RETURNED } from './outcome.js';

interface Authorization {
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  readonly expiresAt: string;
}

/** Says where the person is sent to, to agree that a credential is used, and what has to be so before; then sends them. */
export class ConnectDialog extends PanelDialog<void> {
  static override properties = { begun: { state: true }, problem: { state: true } };
  declare private begun: Authorization | null;
  declare private problem: Problem | null;

  constructor(private readonly credential: Credential) {
    super();
    this.begun = null;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#begin();
  }

  async #begin(): Promise<void> {
    this.problem = null;
    const { id } = this.credential;
    const answer = await api.post<Authorization>(`/credentials/${id}/connect`, { returnTo: `/credentials/${id}?${RETURNED}` });
    if (answer.ok) {
      this.begun = answer.value;
      await this.updateComplete;
      this.querySelector<HTMLElement>('[data-go]')?.focus();
    } else {
      this.problem = answer.problem;
    }
  }

  protected override heading(): string {
    return t(wasConnected(this.credential) ? 'credentials.connect.titleAgain' : 'credentials.connect.title');
  }

  protected override subheading(): string {
    return this.credential.name;
  }

  protected override body(): TemplateResult {
    if (this.problem) {
      return problemBanner(this.problem, () => void this.#begin());
    }
    const { begun } = this;
    if (!begun) {
      return skeleton(3);
    }
    return html`<div class="prose">
      <p>${rich('credentials.connect.body', { host: html`<strong translate="no">${new URL(begun.authorizationUrl).host}</strong>` })}</p>
      ${wasConnected(this.credential) ? html`<p>${t('credentials.connect.bodyAgain')}</p>` : nothing}
      <p>${t('credentials.connect.redirect')}</p>
      <p class="copied-line"><code>${begun.redirectUri}</code><lk-copy .text=${begun.redirectUri} .label=${t('credentials.form.copyRedirect')}></lk-copy></p>
      <p class="help">${t('credentials.connect.until', { time: time(begun.expiresAt) })}</p></div>`;
  }

  protected override actions(): TemplateResult {
    return html`<button type="button" class="button" @click=${() => void this.dismiss()}>${t('elements.cancel')}</button>
      ${this.begun ? html`<a class="button button-primary" data-go href=${this.begun.authorizationUrl} rel="noreferrer">${t('credentials.connect.action')}${icon('external')}</a>` : nothing}`;
  }
}

define('lk-connect-dialog', ConnectDialog);
