import { html, nothing, type TemplateResult } from 'lit';
import type { Answer, Submission } from '../api/client.js';
import { define } from '../elements/element.js';
import { FormDialog } from '../elements/form-dialog.js';
import { Form } from '../elements/form.js';
import { t } from '../texts/texts.js';

/** A question before something happens to a key, which is then done while the dialog is open: a failure is told in it. */
export interface ActionQuestion<T> {
  readonly title: string;
  readonly about: string;
  /** What will break. */
  readonly body: TemplateResult;
  readonly action: string;
  readonly danger?: boolean;
  /** Asks for a reason. */
  readonly reason?: { readonly label: string; readonly help: string };
  /** Must be typed, where what is destroyed cannot be made again. */
  readonly typed?: string;
  readonly run: (submission: Submission, reason: string) => Promise<Answer<T>>;
}

interface Draft {
  readonly reason: string;
  readonly typed: string;
}

/** The answer that it was accepted with; undefined if it was not wanted. */
export function askAndDo<T>(question: ActionQuestion<T>): Promise<{ readonly value: T } | undefined> {
  return new ActionDialog<T>(question).open();
}

class ActionDialog<T> extends FormDialog<Draft, { readonly value: T }> {
  protected override readonly width = 'narrow';
  protected override readonly dialogRole = 'alertdialog';
  protected readonly form: Form<Draft>;

  constructor(private readonly question: ActionQuestion<T>) {
    super();
    this.form = new Form<Draft>(this, { reason: '', typed: '' });
  }

  protected override heading(): string {
    return this.question.title;
  }

  protected override subheading(): string {
    return this.question.about;
  }

  protected override verb(): string {
    return this.question.action;
  }

  protected override async mayClose(): Promise<boolean> {
    return true;
  }

  protected override fields(): TemplateResult {
    const { body, reason, typed } = this.question;
    return html`<div class="prose">${body}</div>
      ${reason ? this.form.text('reason', { label: reason.label, help: reason.help, optional: true, autofocus: true }) : nothing}
      ${typed === undefined ? nothing : this.form.text('typed', { label: t('elements.confirm.type', { word: typed }), autofocus: true })}`;
  }

  protected override actions(): TemplateResult {
    const { danger, typed, reason } = this.question;
    const { busy, draft } = this.form;
    return html`
      <button type="button" class="button" ?autofocus=${typed === undefined && !reason} @click=${() => void this.dismiss()}>${t('elements.cancel')}</button>
      <button type="submit" class="button ${danger ? 'button-danger' : 'button-primary'}" aria-busy=${busy ? 'true' : 'false'}
        ?disabled=${busy || (typed !== undefined && draft.typed.trim() !== typed.trim())}>${busy ? t('elements.saving') : this.verb()}</button>`;
  }

  protected override async submit(): Promise<void> {
    const done = await this.form.send(() => this.question.run(this.form.submission, this.form.draft.reason.trim()));
    if (done) {
      this.close({ value: done.value });
    }
  }
}

define('lk-key-action', ActionDialog);
