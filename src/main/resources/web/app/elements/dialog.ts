import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../texts/texts.js';
import { PanelElement, uniqueId } from './element.js';
import { icon } from './icon.js';

/**
 * What opens over the page and is answered: extend it, give it `heading`, `body` and `actions`, and open it with `open`. It is a
 * native modal dialog: the focus stays inside, Escape closes, and the focus returns to where it was.
 *
 * @typeParam R what it is closed with
 */
export abstract class PanelDialog<R> extends PanelElement {
  protected readonly headingId = uniqueId('heading');
  #close: ((result: R | undefined) => void) | null = null;
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

  /** Opens it over the page; resolves to what it was closed with, undefined if it was dismissed. */
  open(): Promise<R | undefined> {
    return new Promise((resolve) => {
      this.#close = resolve;
      document.body.append(this);
    });
  }

  protected close(result: R | undefined): void {
    this.querySelector('dialog')?.close();
    this.remove();
    this.#close?.(result);
    this.#close = null;
  }

  protected async dismiss(): Promise<void> {
    if (await this.mayClose()) {
      this.close(undefined);
    }
  }

  protected override firstUpdated(): void {
    const dialog = this.querySelector('dialog')!;
    dialog.showModal();
    const first = dialog.querySelector<HTMLElement>('[autofocus], .dialog-body :is(input, select, textarea, button):not([disabled])');
    (first ?? dialog).focus();
  }

  protected override render(): TemplateResult {
    const content = html`
      <header class="dialog-head">
        <div>
          <h2 id=${this.headingId}>${this.heading()}</h2>
          ${this.subheading() === nothing ? nothing : html`<p class="dialog-sub">${this.subheading()}</p>`}
        </div>
        <button type="button" class="icon-button" aria-label=${t('elements.close')} @click=${() => void this.dismiss()}>${icon('close')}</button>
      </header>
      <div class="dialog-body">${this.body()}</div>
      ${this.actions() === nothing ? nothing : html`<footer class="dialog-actions">${this.actions()}</footer>`}`;
    return html`<dialog class="dialog dialog-${this.width}" role=${this.dialogRole} aria-labelledby=${this.headingId}
      @cancel=${this.#cancelled} @keydown=${this.#keyed}>${this.frame(content)}</dialog>`;
  }

  /** What the content stands in; a form dialog wraps it in a form. */
  protected frame(content: TemplateResult): TemplateResult {
    return content;
  }

  #cancelled = (event: Event): void => {
    if (event.target === event.currentTarget) {
      event.preventDefault();
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
