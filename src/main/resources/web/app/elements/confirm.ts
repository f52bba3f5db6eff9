import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../texts/texts.js';
import { PanelDialog } from './dialog.js';
import { define } from './element.js';

export interface Question {
  readonly title: string;
  /** What will happen, and what will break. */
  readonly body: string | TemplateResult;
  /** The verb of what is done, such as "Revoke key"; never "OK". */
  readonly action: string;
  readonly cancel?: string;
  readonly danger?: boolean;
  /** A word that must be typed, where what is destroyed cannot be made again. */
  readonly typed?: string;
}

/** Asks before something that breaks or destroys; true if the person wants it. */
export async function confirm(question: Question): Promise<boolean> {
  const dialog = new Confirm();
  dialog.question = question;
  return (await dialog.open()) === true;
}

class Confirm extends PanelDialog<boolean> {
  static override properties = { typed: { state: true } };
  declare private typed: string;
  protected override readonly width = 'narrow';
  protected override readonly dialogRole = 'alertdialog';
  question!: Question;

  constructor() {
    super();
    this.typed = '';
  }

  protected override heading(): string {
    return this.question.title;
  }

  protected override body(): TemplateResult {
    const { body, typed } = this.question;
    return html`<div class="prose">${typeof body === 'string' ? html`<p>${body}</p>` : body}</div>
      ${typed === undefined ? nothing : html`<label class="field">
        <span class="label">${t('elements.confirm.type', { word: typed })}</span>
        <input class="input mono" autofocus autocomplete="off" spellcheck="false" .value=${this.typed}
          @input=${(event: Event) => { this.typed = (event.target as HTMLInputElement).value; }}>
      </label>`}`;
  }

  protected override actions(): TemplateResult {
    const { action, cancel, danger, typed } = this.question;
    return html`
      <button type="button" class="button" ?autofocus=${typed === undefined} @click=${() => this.close(false)}>${cancel ?? t('elements.cancel')}</button>
      <button type="button" class="button ${danger ? 'button-danger' : 'button-primary'}"
        ?disabled=${typed !== undefined && this.typed.trim() !== typed} @click=${() => this.close(true)}>${action}</button>`;
  }
}

define('lk-confirm', Confirm);
