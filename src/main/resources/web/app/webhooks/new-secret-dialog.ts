import { html, nothing, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { PanelDialog } from '../elements/dialog.js';
import { define, uniqueId } from '../elements/element.js';
import { note } from '../elements/states.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { nameOf, type IssuedWebhook } from './webhook.js';

/** How a secret came about: with its webhook, beside one that signs on for a while, or in the place of one. */
export type Occasion = 'created' | 'overlapping' | 'replaced';

/**
 * Shows what a webhook's messages are signed with, once: nothing brings it back. It closes when the person has said that it is
 * kept. It stands in this element alone, and goes with it.
 */
export class NewSecretDialog extends PanelDialog<void> {
  static override properties = { until: { attribute: false }, kept: { state: true }, reminded: { state: true } };
  /** Until when the one before signs as well, as soon as that is known. */
  declare until: string | null;
  declare private kept: boolean;
  declare private reminded: boolean;
  readonly #id = uniqueId('new-secret');

  constructor(private readonly made: IssuedWebhook, private readonly occasion: Occasion) {
    super();
    this.until = null;
    this.kept = false;
    this.reminded = false;
  }

  protected override wouldLose(): boolean {
    return !this.kept;
  }

  protected override heading(): string {
    return t(this.occasion === 'created' ? 'webhooks.secret.titleCreated' : 'webhooks.secret.titleRotated');
  }

  protected override subheading(): TemplateResult {
    return html`<span translate="no">${nameOf(this.made)}</span>`;
  }

  protected override async mayClose(): Promise<boolean> {
    if (!this.kept) {
      this.reminded = true;
      await this.updateComplete;
      this.querySelector<HTMLElement>(`#${this.#id}-kept`)?.focus();
    }
    return this.kept;
  }

  protected override body(): TemplateResult {
    const unkept = this.reminded && !this.kept;
    return html`${note('warning', t('webhooks.secret.once'))}
      <div class="field"><div class="shown-head"><span class="label" id="${this.#id}-label">${t('webhooks.secret.label')}</span>
        <lk-copy wide .text=${this.made.secret} .label=${t('webhooks.secret.copy')}></lk-copy></div>
        <code class="shown-once" tabindex="0" autofocus translate="no" role="textbox" aria-readonly="true" aria-labelledby="${this.#id}-label" data-part="secret"
          @focus=${(event: Event) => getSelection()?.selectAllChildren(event.target as Node)}>${this.made.secret}</code>
        <p class="help">${t('webhooks.secret.use')}</p></div>
      ${this.#meanwhile()}
      <div class="acknowledge ${unkept ? 'field-invalid' : ''}">
        <label class="choice"><input type="checkbox" id="${this.#id}-kept" .checked=${this.kept} aria-describedby=${unkept ? `${this.#id}-reminder` : nothing} aria-invalid=${unkept ? 'true' : nothing}
          @change=${(event: Event) => { this.kept = (event.target as HTMLInputElement).checked; }}><span>${t('webhooks.secret.kept')}</span></label>
        ${unkept ? html`<p class="error" id="${this.#id}-reminder" role="alert">${t('webhooks.secret.reminder')}</p>` : nothing}
      </div>`;
  }

  #meanwhile(): TemplateResult | typeof nothing {
    switch (this.occasion) {
      case 'created': return nothing;
      case 'replaced': return note('info', t('webhooks.secret.replaced'));
      case 'overlapping': return note('info', this.until ? t('webhooks.secret.overlapsUntil', { when: dateTime(this.until) }) : t('webhooks.secret.overlaps'));
    }
  }

  protected override actions(): TemplateResult {
    return html`<button type="button" class="button button-primary" @click=${() => void this.dismiss()}>${t('webhooks.secret.done')}</button>`;
  }
}

define('lk-new-secret', NewSecretDialog);
