import { html, nothing, type TemplateResult } from 'lit';
import type { Answer } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { t } from '../texts/texts.js';
import { PanelDialog } from './dialog.js';
import { define } from './element.js';
import { problemBanner } from './states.js';

export interface Question {
  readonly title: string;
  /** What will happen, and what will break. */
  readonly body: string | TemplateResult;
  /** The verb of what is done and its object, such as "Revoke key"; never "OK". */
  readonly action: string;
  readonly cancel?: string;
  readonly danger?: boolean;
  /** A word that must be typed, where what is destroyed cannot be made again. */
  readonly typed?: string;
  /** Does it while the question stands: a refusal is shown in it, and can be tried again. */
  readonly run?: () => Promise<Answer<unknown>>;
  /** Says a refusal of `run` in its own words. */
  readonly explain?: (problem: Problem) => TemplateResult | null;
}

/** Asks before something that breaks or destroys; true if the person wants it, and with `run`, if it is done. */
export async function confirm(question: Question): Promise<boolean> {
  const dialog = new Confirm();
  dialog.question = question;
  return (await dialog.open()) === true;
}

class Confirm extends PanelDialog<boolean> {
  static override properties = { typed: { state: true }, busy: { state: true }, problem: { state: true } };
  declare private typed: string;
  declare private busy: boolean;
  declare private problem: Problem | null;
  protected override readonly width = 'narrow';
  protected override readonly dialogRole = 'alertdialog';
  question!: Question;

  constructor() {
    super();
    this.typed = '';
    this.busy = false;
    this.problem = null;
  }

  async #agree(): Promise<void> {
    if (!this.question.run) {
      this.close(true);
      return;
    }
    this.busy = true;
    this.problem = null;
    const answer = await this.question.run();
    this.busy = false;
    if (answer.ok) {
      this.close(true);
    } else {
      this.problem = answer.problem;
    }
  }

  protected override heading(): string {
    return this.question.title;
  }

  protected override body(): TemplateResult {
    const { body, typed } = this.question;
    return html`${this.problem ? (this.question.explain?.(this.problem) ?? problemBanner(this.problem)) : nothing}
      <div class="prose">${typeof body === 'string' ? html`<p>${body}</p>` : body}</div>
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
      <button type="button" class="button ${danger ? 'button-danger' : 'button-primary'}" aria-busy=${this.busy ? 'true' : 'false'}
        ?disabled=${this.busy || (typed !== undefined && this.typed.trim() !== typed)} @click=${() => void this.#agree()}>${action}</button>`;
  }
}

define('lk-confirm', Confirm);
