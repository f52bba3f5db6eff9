import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Answer, Done } from '../api/client.js';
import { t } from '../texts/texts.js';
import { PanelElement, uniqueId } from './element.js';
import { icon } from './icon.js';
import { liftToasts, refused } from './toasts.js';

/**
 * What opens over the page and is answered: extend it, give it `heading`, `body` and `actions`, and open it with `open`. It is a
 * native modal dialog: the focus stays inside, Escape closes, and the focus returns to where it was.
 *
 * @typeParam R what it is closed with
 */
export abstract class PanelDialog<R> extends PanelElement {
  protected readonly headingId = uniqueId('heading');
  #close: ((result: R | undefined) => void) | null = null;
  #asking = false;
  /** What had the focus when what stands here was sent. */
  #left: HTMLElement | null = null;
  /** 'narrow' for questions, 'wide' for forms of several groups. */
  protected readonly width: 'narrow' | 'normal' | 'wide' = 'normal';
  /** 'alertdialog' for questions that interrupt. */
  protected readonly dialogRole: 'dialog' | 'alertdialog' = 'dialog';

  protected abstract heading(): string | TemplateResult;
  protected abstract body(): TemplateResult;
  protected abstract actions(): TemplateResult | typeof nothing;

  /** Under the heading: what or whom it is about. */
  protected subheading(): TemplateResult | string | typeof nothing {
    return nothing;
  }

  /** Whether it may be closed without an answer; a form with something typed asks. */
  protected async mayClose(): Promise<boolean> {
    return true;
  }

  /** Something was sent and its answer belongs here. Until it has come the dialog stays: closed, nobody would be told of it. */
  protected working(): boolean {
    return false;
  }

  /** What was typed is on its way: until its answer has come nothing can be typed here, since the answer closes the dialog. */
  protected sending(): boolean {
    return this.working();
  }

  /** Whether something would be lost if the document went away: then the browser asks before. */
  protected wouldLose(): boolean {
    return this.working();
  }

  /** Opens it over the page; resolves to what it was closed with, undefined if it was dismissed. */
  open(): Promise<R | undefined> {
    return new Promise((resolve) => {
      this.#close = resolve;
      document.body.append(this);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('beforeunload', this.#unloading);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('beforeunload', this.#unloading);
  }

  #unloading = (event: Event): void => {
    if (this.wouldLose()) {
      event.preventDefault();
    }
  };

  protected close(result: R | undefined): void {
    const told = this.#close;
    this.#close = null;
    this.querySelector('dialog')?.close();
    liftToasts();
    this.remove();
    told?.(result);
  }

  protected async dismiss(): Promise<void> {
    if (this.working() || this.#asking) {
      return;
    }
    this.#asking = true;
    const may = await this.mayClose().finally(() => { this.#asking = false; });
    if (may && !this.working()) {
      this.close(undefined);
    }
  }

  protected override firstUpdated(): void {
    const dialog = this.querySelector('dialog')!;
    dialog.showModal();
    liftToasts();
    const first = dialog.querySelector<HTMLElement>('[autofocus], .dialog-body :is(input, select, textarea, button):not([disabled])');
    (first ?? dialog).focus();
  }

  /** The focus does not fall out of what cannot be typed into for a while, and returns to it. */
  protected override update(changed: PropertyValues): void {
    const sending = this.sending();
    const active = document.activeElement as HTMLElement | null;
    const button = this.querySelector<HTMLElement>('.dialog-actions [type=submit]');
    if (sending && active && this.querySelector('.dialog-body')?.contains(active)) {
      button?.focus();
      this.#left = active;
    }
    super.update(changed);
    if (!sending && this.#left) {
      if (document.activeElement === button) {
        this.#left.focus();
      }
      this.#left = null;
    }
  }

  protected override render(): TemplateResult {
    const content = html`
      <header class="dialog-head">
        <div>
          <h2 id=${this.headingId}>${this.heading()}</h2>
          ${this.subheading() === nothing ? nothing : html`<p class="dialog-sub">${this.subheading()}</p>`}
        </div>
        <button type="button" class="icon-button" aria-label=${t('elements.close')} aria-disabled=${this.working() ? 'true' : nothing} @click=${() => void this.dismiss()}>${icon('close')}</button>
      </header>
      <div class="dialog-body" ?inert=${this.sending()}>${this.body()}</div>
      ${this.actions() === nothing ? nothing : html`<footer class="dialog-actions">${this.actions()}</footer>`}`;
    return html`<dialog class="dialog dialog-${this.width}" role=${this.dialogRole} aria-labelledby=${this.headingId}
      @cancel=${this.#cancelled} @close=${this.#closed} @keydown=${this.#keyed}>${this.frame(content)}</dialog>`;
  }

  /** What the content stands in; a form dialog wraps it in a form. */
  protected frame(content: TemplateResult): TemplateResult {
    return content;
  }

  #cancelled = (event: Event): void => {
    if (event.target === event.currentTarget) {
      event.preventDefault();
      void this.dismiss();
    }
  };

  // A browser closes it by itself if it was asked to twice (Escape, Android's back): whether it closes is decided here.
  #closed = (event: Event): void => {
    if (event.target === event.currentTarget && this.#close) {
      (event.target as HTMLDialogElement).showModal();
      void this.dismiss();
    }
  };

  // Not left to `cancel`: a browser lets a page refuse that only once.
  #keyed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      void this.dismiss();
    }
  };
}

let asked = 0;

/**
 * Reads what a dialog is about before it is opened. Null if the person has gone on meanwhile: has clicked again, opened another
 * dialog, or left the page.
 */
export async function beforeOpening<T>(read: () => Promise<T>): Promise<T | null> {
  asked += 1;
  const mine = asked;
  const at = location.pathname;
  const found = await read();
  return mine === asked && location.pathname === at && !document.querySelector('dialog[open]') ? found : null;
}

/**
 * The same of what can be refused, which is said. A list may be an hour old: what is edited or deleted is read as it stands now.
 *
 * @param again tries all of it once more
 */
export async function readToOpen<T>(read: () => Promise<Answer<T>>, again?: () => void): Promise<Done<T> | null> {
  const answer = await beforeOpening(read);
  if (answer && !answer.ok) {
    refused(answer.problem, again);
    return null;
  }
  return answer;
}
