import { html, nothing, type TemplateResult } from 'lit';
import type { Answer, Done } from '../api/client.js';
import { t } from '../texts/texts.js';
import { confirm } from './confirm.js';
import { PanelDialog } from './dialog.js';
import type { Form } from './form.js';
import { note, staleText } from './states.js';

/**
 * A form that opens over the page: extend it, give it a `form` and `fields`, and send in `submit`. Dismissed with something
 * typed, it asks first. A refusal stands above the fields and at them; what was typed stays.
 */
export abstract class FormDialog<D extends object, R> extends PanelDialog<R> {
  protected abstract readonly form: Form<D>;
  /** Above the fields: what has become of them meanwhile. */
  protected told = '';
  protected abstract fields(): TemplateResult;
  /** The verb on the button that sends. */
  protected abstract verb(): string;
  /** After a 412: loads what is saved and brings it together with what was typed (`bringTogether`). */
  protected reload?(): Promise<void>;
  /** Sends, and closes when it was accepted. */
  protected abstract submit(): Promise<void>;

  protected override body(): TemplateResult {
    // First the fields, which tell the form their names: errors that have no field stand in the banner.
    const fields = this.fields();
    const reload = this.reload ? () => void this.reload!() : undefined;
    return html`${this.form.banner(() => void this.submit(), reload)}${this.told ? note('info', this.told) : nothing}${fields}`;
  }

  /**
   * Takes over what somebody else has saved where nothing was typed here, and tells of it.
   *
   * @param rebase keeps what was read, and gives the names of the fields that both have changed
   */
  protected bringTogether<T>(answer: Answer<T>, rebase: (saved: Done<T>) => readonly string[]): void {
    if (answer.ok) {
      this.told = staleText(rebase(answer));
    } else {
      this.form.problem = answer.problem;
    }
    this.requestUpdate();
  }

  protected override actions(): TemplateResult {
    return html`
      <button type="button" class="button" aria-disabled=${this.form.busy ? 'true' : nothing} @click=${() => void this.dismiss()}>${t('elements.cancel')}</button>
      <button type="submit" class="button button-primary" aria-busy=${this.form.busy ? 'true' : 'false'}
        aria-disabled=${this.form.busy ? 'true' : nothing}>${this.form.busy ? t('elements.saving') : this.verb()}</button>`;
  }

  protected override frame(content: TemplateResult): TemplateResult {
    return html`<form novalidate @submit=${this.#submitted}>${content}</form>`;
  }

  #submitted = (event: Event): void => {
    event.preventDefault();
    void this.submit();
  };

  /** Whether something was typed that is not saved. */
  protected isDirty(): boolean {
    return this.form.isDirty;
  }

  protected override working(): boolean {
    return this.form.busy;
  }

  protected override sending(): boolean {
    return this.form.busy;
  }

  protected override wouldLose(): boolean {
    return this.form.busy || this.isDirty();
  }

  protected override async mayClose(): Promise<boolean> {
    return !this.isDirty() || confirm({
      title: t('elements.discard.title'),
      body: t('elements.discard.body'),
      action: t('elements.discard.action'),
      cancel: t('elements.discard.cancel'),
      danger: true,
    });
  }
}
