import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../texts/texts.js';
import { define, PanelElement } from './element.js';
import { icon } from './icon.js';

const TOLD_MILLIS = 2000;

/** Copies a text to the clipboard and says so: `<lk-copy .text=${key} label="Copy key">`. With `wide` the label is visible. */
export class CopyButton extends PanelElement {
  static override properties = { text: { attribute: false }, label: {}, wide: { type: Boolean }, state: { state: true } };
  declare text: string;
  declare label: string;
  declare wide: boolean;
  declare private state: 'idle' | 'copied' | 'failed';

  constructor() {
    super();
    this.text = '';
    this.label = '';
    this.wide = false;
    this.state = 'idle';
  }

  async #copy(): Promise<void> {
    this.state = (await copied(this.text)) ? 'copied' : 'failed';
    if (this.state === 'copied') {
      this.dispatchEvent(new CustomEvent('copied', { bubbles: true }));
    }
    setTimeout(() => { this.state = 'idle'; }, TOLD_MILLIS);
  }

  protected override render(): TemplateResult {
    const label = this.label || t('elements.copy');
    const told = this.state === 'copied' ? t('elements.copied') : this.state === 'failed' ? t('elements.copyFailed') : '';
    return html`
      <button type="button" class=${this.wide ? 'button button-small' : 'icon-button'} title=${told || label}
        aria-label=${this.wide ? nothing : label} @click=${this.#copy}>
        ${icon(({ idle: 'copy', copied: 'check', failed: 'error' } as const)[this.state])}${this.wide ? html`<span>${told || label}</span>` : nothing}
      </button>
      <span class="visually-hidden" role="status">${told}</span>`;
  }
}

/** Where the clipboard is refused (plain http, frames), the old way: a selection. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    // Inside the open dialog, if there is one: what is outside cannot have the focus.
    const home = [...document.querySelectorAll('dialog[open]')].pop() ?? document.body;
    const before = document.activeElement as HTMLElement | null;
    home.append(area);
    area.select();
    try {
      return document.execCommand('copy');
    } finally {
      area.remove();
      before?.focus();
    }
  }
}

define('lk-copy', CopyButton);
