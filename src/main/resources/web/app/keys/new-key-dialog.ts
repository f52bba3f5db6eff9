import { html, nothing, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { PanelDialog } from '../elements/dialog.js';
import { define, uniqueId } from '../elements/element.js';
import { note } from '../elements/states.js';
import { t } from '../texts/texts.js';
import type { Key } from './key.js';
import { warningsOf } from './warnings.js';

/**
 * Shows a key, a secret, or both, once: nothing brings them back. It closes when the person has said that they are kept.
 * They stand in this element alone, and go with it.
 */
export class NewKeyDialog extends PanelDialog<void> {
  static override properties = { kept: { state: true }, reminded: { state: true } };
  protected override readonly width = 'normal';
  declare private kept: boolean;
  declare private reminded: boolean;
  readonly #id = uniqueId('new-key');

  constructor(private readonly made: Key) {
    super();
    this.kept = false;
    this.reminded = false;
  }

  protected override wouldLose(): boolean {
    return !this.kept;
  }

  protected override heading(): string {
    return this.made.key ? t('keys.new.title') : t('keys.new.titleSecret');
  }

  protected override subheading(): string {
    return this.made.name;
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
    const { key, secret } = this.made;
    return html`
      ${note('warning', this.made.recoverable ? t('keys.new.onceRecoverable') : t('keys.new.once'))}
      ${warningsOf(this.made)}
      ${key ? this.#shown('key', t('keys.new.key'), key) : nothing}
      ${secret ? this.#shown('secret', t('keys.new.secret'), secret) : nothing}
      ${key ? this.#shown('curl', t('keys.new.curl'), curl(key, secret, this.made.hasSecret), t('keys.new.curlHelp')) : nothing}
      <div class="acknowledge ${this.reminded && !this.kept ? 'field-invalid' : ''}">
        <label class="choice"><input type="checkbox" id="${this.#id}-kept" .checked=${this.kept} aria-describedby=${this.reminded && !this.kept ? `${this.#id}-reminder` : nothing}
          aria-invalid=${this.reminded && !this.kept ? 'true' : nothing}
          @change=${(event: Event) => { this.kept = (event.target as HTMLInputElement).checked; }}>
          <span>${t('keys.new.kept')}</span></label>
        ${this.reminded && !this.kept ? html`<p class="error" id="${this.#id}-reminder" role="alert">${t('keys.new.reminder')}</p>` : nothing}
      </div>`;
  }

  #shown(part: 'key' | 'secret' | 'curl', label: string, text: string, help?: string): TemplateResult {
    const id = `${this.#id}-${part}`;
    return html`<div class="field">
      <div class="shown-head"><span class="label" id="${id}-label">${label}</span>
        <lk-copy wide .text=${text} .label=${t(`keys.new.copy.${part}`)}></lk-copy></div>
      <code class="shown-once" id=${id} tabindex="0" ?autofocus=${part === (this.made.key ? 'key' : 'secret')} translate="no" aria-labelledby="${id}-label" role="textbox" aria-readonly="true" aria-multiline="true" data-part=${part}
        @focus=${(event: Event) => getSelection()?.selectAllChildren(event.target as Node)}>${text}</code>
      ${help ? html`<p class="help">${help}</p>` : nothing}</div>`;
  }

  protected override actions(): TemplateResult {
    return html`<button type="button" class="button button-primary" @click=${() => void this.dismiss()}>${t('keys.new.done')}</button>`;
  }
}

/** A call that works with any key. */
function curl(key: string, secret: string | undefined, hasSecret: boolean): string {
  const more = secret ? ` -H 'X-API-Secret: ${secret}'` : hasSecret ? ` -H 'X-API-Secret: …'` : '';
  return `curl -H 'X-API-Key: ${key}'${more} ${location.origin}/api/v1/keys/self`;
}

define('lk-new-key', NewKeyDialog);
