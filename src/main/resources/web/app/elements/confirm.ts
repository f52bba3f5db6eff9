import { html, nothing, type TemplateResult } from 'lit';
import type { Answer, Submission } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { t } from '../texts/texts.js';
import { PanelDialog } from './dialog.js';
import { define } from './element.js';
import { Form } from './form.js';

export interface Question {
  readonly title: string;
  /** What or whom it is about. */
  readonly about?: string;
  /** What will happen, and what will break. */
  readonly body: string | TemplateResult;
  /** The verb of what is done and its object, such as "Revoke key"; never "OK". */
  readonly action: string;
  readonly cancel?: string;
  readonly danger?: boolean;
  /** A word that must be typed, where what is destroyed cannot be made again. */
  readonly typed?: string;
}

/** A question about something that is done while it stands: a refusal is told in it, and can be tried again. */
export interface Deed<T> extends Question {
  /** Asks for a reason. */
  readonly reason?: { readonly label: string; readonly help: string };
  readonly run: (submission: Submission, reason: string) => Promise<Answer<T>>;
  /** Says a refusal in its own words. */
  readonly explain?: (problem: Problem) => TemplateResult | null;
}

/** Asks before something that breaks or destroys; true if the person wants it. */
export async function confirm(question: Question): Promise<boolean> {
  return (await new Confirm<void>(question, null).open()) !== undefined;
}

/** Asks, and does it. The answer that it was accepted with; undefined if it was not wanted. */
export function askAndDo<T>(deed: Deed<T>): Promise<{ readonly value: T } | undefined> {
  return new Confirm<T>(deed, deed).open();
}

interface Draft {
  readonly reason: string;
  readonly typed: string;
}

class Confirm<T> extends PanelDialog<{ readonly value: T }> {
  protected override readonly width = 'narrow';
  protected override readonly dialogRole = 'alertdialog';
  readonly #form = new Form<Draft>(this, { reason: '', typed: '' });

  constructor(private readonly question: Question, private readonly deed: Deed<T> | null) {
    super();
  }

  protected override heading(): string {
    return this.question.title;
  }

  protected override subheading(): string | typeof nothing {
    return this.question.about ?? nothing;
  }

  protected override working(): boolean {
    return this.#form.busy;
  }

  /** What is asked for before it is done: else nothing is. */
  get #isReady(): boolean {
    const { typed } = this.question;
    return typed === undefined || asRead(this.#form.draft.typed) === asRead(typed);
  }

  #submitted = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!this.#isReady) {
      return;
    }
    if (this.deed) {
      await this.#do(this.deed);
    } else {
      this.close({ value: undefined as T });
    }
  };

  async #do({ run }: Deed<T>): Promise<void> {
    const done = await this.#form.send(() => run(this.#form.submission, this.#form.draft.reason.trim()));
    if (done) {
      this.close({ value: done.value });
    }
  }

  protected override body(): TemplateResult {
    const { body, typed } = this.question;
    const reason = this.deed?.reason;
    const { problem } = this.#form;
    const fields = html`${reason ? this.#form.text('reason', { ...reason, optional: true, autofocus: true }) : nothing}
      ${typed === undefined ? nothing : this.#form.text('typed', { label: t('elements.confirm.type', { word: typed }), mono: true, autofocus: true })}`;
    const deed = this.deed;
    return html`${(problem && deed?.explain?.(problem)) ?? this.#form.banner(deed ? () => void this.#do(deed) : undefined)}
      <div class="prose">${typeof body === 'string' ? html`<p>${body}</p>` : body}</div>${fields}`;
  }

  protected override actions(): TemplateResult {
    const { action, cancel, danger, typed } = this.question;
    const { busy } = this.#form;
    return html`
      <button type="button" class="button" ?autofocus=${typed === undefined && !this.deed?.reason} aria-disabled=${busy ? 'true' : nothing}
        @click=${() => void this.dismiss()}>${cancel ?? t('elements.cancel')}</button>
      <button type="submit" class="button ${danger ? 'button-danger' : 'button-primary'}" aria-busy=${busy ? 'true' : 'false'}
        aria-disabled=${busy ? 'true' : nothing} ?disabled=${!this.#isReady}>${busy ? t('elements.saving') : action}</button>`;
  }

  protected override frame(content: TemplateResult): TemplateResult {
    return html`<form novalidate @submit=${this.#submitted}>${content}</form>`;
  }
}

/** As it is shown, and can be typed: blanks of whatever kind and number are one. */
function asRead(word: string): string {
  return word.normalize().replaceAll(/\s+/g, ' ').trim();
}

define('lk-confirm', Confirm);
