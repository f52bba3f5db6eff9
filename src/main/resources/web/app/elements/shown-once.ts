import { html, nothing, type TemplateResult } from 'lit';
import './copy-button.js';
import { PanelDialog } from './dialog.js';
import { uniqueId } from './element.js';

/** Something that is shown once. */
export interface Shown {
  readonly part: string;
  readonly label: string;
  readonly text: string;
  /** What the button says that copies it. */
  readonly copy: string;
  readonly help?: string;
  /** It has the focus at first. */
  readonly first?: boolean;
}

/**
 * Shows what nothing brings back, and closes when the person has said that it is kept. It stands in this element alone, and goes
 * with it.
 */
export abstract class ShownOnceDialog extends PanelDialog<void> {
  static override properties = { kept: { state: true }, reminded: { state: true } };
  declare private kept: boolean;
  declare private reminded: boolean;
  readonly #id = uniqueId('shown');

  constructor() {
    super();
    this.kept = false;
    this.reminded = false;
  }

  protected override wouldLose(): boolean {
    return !this.kept;
  }

  protected override async mayClose(): Promise<boolean> {
    if (!this.kept) {
      this.reminded = true;
      await this.updateComplete;
      this.querySelector<HTMLElement>(`#${this.#id}-kept`)?.focus();
    }
    return this.kept;
  }

  protected shown({ part, label, text, copy, help, first }: Shown): TemplateResult {
    const id = `${this.#id}-${part}`;
    return html`<div class="field">
      <div class="shown-head"><span class="label" id="${id}-label">${label}</span><lk-copy wide .text=${text} .label=${copy}></lk-copy></div>
      <code class="shown-once" id=${id} tabindex="0" ?autofocus=${first} translate="no" role="textbox" aria-readonly="true" aria-multiline="true" aria-labelledby="${id}-label" data-part=${part}
        @focus=${(event: Event) => getSelection()?.selectAllChildren(event.target as Node)}>${text}</code>
      ${help ? html`<p class="help">${help}</p>` : nothing}</div>`;
  }

  /**
   * What is ticked before it closes.
   *
   * @param kept what one says by it
   * @param reminder what is said to those who close it without
   */
  protected acknowledgement(kept: string, reminder: string): TemplateResult {
    const unkept = this.reminded && !this.kept;
    return html`<div class="acknowledge ${unkept ? 'field-invalid' : ''}">
      <label class="choice"><input type="checkbox" id="${this.#id}-kept" .checked=${this.kept} aria-describedby=${unkept ? `${this.#id}-reminder` : nothing} aria-invalid=${unkept ? 'true' : nothing}
        @change=${(event: Event) => { this.kept = (event.target as HTMLInputElement).checked; }}><span>${kept}</span></label>
      ${unkept ? html`<p class="error" id="${this.#id}-reminder" role="alert">${reminder}</p>` : nothing}
    </div>`;
  }
}
