import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { PanelDialog } from '../elements/dialog.js';
import { define } from '../elements/element.js';
import { note, problemBanner, skeleton } from '../elements/states.js';
import { t } from '../texts/texts.js';
import type { Key } from './key.js';

const SHOWN_SECONDS = 30;

interface Revealed {
  readonly key: string;
  readonly secret?: string;
}

/**
 * The eye: shows a recoverable key for a short time, of which the activity log is told before. Of a key that cannot be shown it
 * says why, and what to do instead. Resolves to `regenerate` where that is what the person chose.
 */
export class RevealDialog extends PanelDialog<'regenerate'> {
  static override properties = { shown: { state: true }, left: { state: true }, busy: { state: true }, problem: { state: true } };
  declare private shown: Revealed | null;
  declare private left: number;
  declare private busy: boolean;
  declare private problem: Problem | null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #until = 0;

  constructor(private readonly of: Key, private readonly mayRegenerate: boolean) {
    super();
    this.shown = null;
    this.left = 0;
    this.busy = false;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.#unseen);
    if (this.#why() === null) {
      void this.#reveal();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#unseen);
    this.#hide();
  }

  /** Why it cannot be shown, as far as the key itself says so. */
  #why(): 'notRecoverable' | 'revoked' | null {
    return this.of.status === 'revoked' ? 'revoked' : this.of.recoverable ? null : 'notRecoverable';
  }

  async #reveal(): Promise<void> {
    this.busy = true;
    this.problem = null;
    const answer = await api.post<Revealed>(`/keys/${this.of.id}/reveal`, {});
    this.busy = false;
    if (!answer.ok) {
      this.problem = answer.problem;
      return;
    }
    if (!this.isConnected) {
      return;
    }
    this.shown = answer.value;
    this.left = SHOWN_SECONDS;
    // A moment and not a number of ticks: a browser lets a page that nobody looks at tick more slowly, and a sleeping one not at all.
    this.#until = Date.now() + SHOWN_SECONDS * 1000;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.shown-once')?.focus());
    this.#timer = setInterval(() => {
      this.left = Math.ceil((this.#until - Date.now()) / 1000);
      if (this.left <= 0) {
        this.#hide();
        // What had the focus is gone: it stays in the dialog.
        void this.updateComplete.then(() => this.querySelector<HTMLElement>('footer button')?.focus());
      }
    }, 1000);
  }

  #unseen = (): void => {
    if (document.hidden && this.shown) {
      this.#hide();
    }
  };

  #hide(): void {
    clearInterval(this.#timer);
    this.shown = null;
  }

  protected override heading(): string {
    return this.#why() ? t('keys.reveal.cannot') : t('keys.reveal.title');
  }

  protected override subheading(): string {
    return this.of.name;
  }

  protected override body(): TemplateResult {
    const why = this.#why();
    if (why) {
      return html`<div class="prose"><p>${t(`keys.reveal.${why}`)}</p><p>${t(`keys.reveal.${why}Help`)}</p></div>`;
    }
    if (this.problem) {
      return problemBanner(this.problem, () => void this.#reveal());
    }
    if (this.busy) {
      return skeleton(1);
    }
    if (!this.shown) {
      return html`<div class="prose"><p role="status">${t('keys.reveal.hidden')}</p></div>`;
    }
    const { key, secret } = this.shown;
    return html`
      ${this.#text('key', t('keys.new.key'), key)}
      ${secret ? this.#text('secret', t('keys.new.secret'), secret) : nothing}
      <p class="help">${t('keys.reveal.left', { seconds: this.left })}</p>
      ${note('info', t('keys.reveal.logged'))}`;
  }

  #text(part: 'key' | 'secret', label: string, text: string): TemplateResult {
    return html`<div class="field"><div class="shown-head"><span class="label" id="${this.headingId}-${part}">${label}</span>
      <lk-copy wide .text=${text} .label=${t(`keys.new.copy.${part}`)}></lk-copy></div>
      <code class="shown-once" tabindex="0" translate="no" role="textbox" aria-readonly="true" aria-labelledby="${this.headingId}-${part}" data-part=${part}
        @focus=${(event: Event) => getSelection()?.selectAllChildren(event.target as Node)}>${text}</code></div>`;
  }

  protected override actions(): TemplateResult {
    return html`
      ${this.#why() === null && !this.shown && !this.busy && !this.problem
        ? html`<button type="button" class="button" @click=${() => void this.#reveal()}>${t('keys.reveal.again')}</button>` : nothing}
      ${this.#why() === 'notRecoverable' && this.mayRegenerate
        ? html`<button type="button" class="button" @click=${() => this.close('regenerate')}>${t('keys.do.regenerate')}</button>` : nothing}
      <button type="button" class="button button-primary" @click=${() => void this.dismiss()}>${t('elements.close')}</button>`;
  }
}

define('lk-reveal-key', RevealDialog);
