import { html, nothing, type TemplateResult } from 'lit';
import { isPassing, type Problem } from '../api/problem.js';
import { adviceOf, titleOf } from '../texts/problems.js';
import { t } from '../texts/texts.js';
import { define, PanelElement } from './element.js';
import { keepFocus } from './focus.js';
import { icon, type IconName } from './icon.js';

/** What is said in passing, at the edge of the page. Nothing that one must read stands here alone. */
export type Tone = 'done' | 'info' | 'warning' | 'error';

interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
  readonly action?: ToastAction;
}

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

const STAYS_MILLIS = 7000;
const ICONS: Record<Tone, IconName> = { done: 'check', info: 'info', warning: 'warning', error: 'error' };

let region: Toasts | null = null;

/** Says it; warnings and errors stay until they are closed. */
export function toast(text: string, tone: Tone = 'done', action?: ToastAction): void {
  region?.add(text, tone, action);
}

/** A dialog was opened or closed: what is said lies over it again. */
export function liftToasts(): void {
  region?.lift();
}

/** Takes away all that was said. */
export function clearToasts(): void {
  region?.clear();
}

/** Says why something was not done, where it is not said in a form; what only did not work now can be tried again. */
export function refused(problem: Problem, again?: () => void): void {
  toast(`${titleOf(problem)}. ${adviceOf(problem)}`, 'error', again && isPassing(problem) ? { label: t('elements.retry'), run: again } : undefined);
}

class Toasts extends PanelElement {
  static override properties = { shown: { state: true } };
  declare private shown: readonly Toast[];
  #last = 0;
  #held = false;

  constructor() {
    super();
    this.shown = [];
    this.addEventListener('pointerenter', () => { this.#held = true; });
    this.addEventListener('pointerleave', () => { this.#held = false; });
    // A dialog stands below what is said over it.
    new ResizeObserver(() => document.documentElement.style.setProperty('--toasts-height', `${this.offsetHeight}px`)).observe(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    region = this;
    this.popover = 'manual';
    this.classList.add('toasts');
  }

  add(text: string, tone: Tone, action?: ToastAction): void {
    this.#last += 1;
    const id = this.#last;
    this.shown = [...this.shown.slice(-3), { id, tone, text, action }];
    this.lift();
    if (tone === 'done' || tone === 'info') {
      this.#removeLater(id);
    }
  }

  /**
   * Above what was opened since, and inside of the dialog that lies over all else: what stands outside of it can neither be pressed
   * nor heard.
   */
  lift(): void {
    if (this.shown.length === 0) {
      return;
    }
    const home = [...document.querySelectorAll<HTMLElement>('dialog:modal')].pop() ?? document.body;
    if (this.parentElement !== home) {
      home.append(this);
    } else if (this.matches(':popover-open')) {
      this.hidePopover();
    }
    this.showPopover();
  }

  clear(): void {
    this.shown = [];
    if (this.matches(':popover-open')) {
      this.hidePopover();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Its dialog has gone, and not what was said.
    queueMicrotask(() => {
      if (!this.isConnected) {
        document.body.append(this);
        this.lift();
      }
    });
  }

  #removeLater(id: number): void {
    setTimeout(() => (this.#held || this.contains(document.activeElement) ? this.#removeLater(id) : this.#remove(id)), STAYS_MILLIS);
  }

  /** By hand: the focus goes to what else is said, or back into what this lay over. */
  async #close(id: number): Promise<void> {
    this.#remove(id);
    await this.updateComplete;
    const under = this.closest('dialog')?.querySelector<HTMLElement>(':is(input, select, textarea, button):not([disabled])') ?? document.querySelector('main');
    keepFocus(this.querySelector<HTMLElement>('.toast .icon-button') ?? under);
  }

  #remove(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
    if (this.shown.length === 0 && this.matches(':popover-open')) {
      this.hidePopover();
    }
  }

  protected override render(): TemplateResult {
    const quiet = this.shown.filter((toast) => toast.tone === 'done' || toast.tone === 'info');
    const loud = this.shown.filter((toast) => !quiet.includes(toast));
    return html`
      <div role="status">${quiet.map((toast) => this.#toast(toast))}</div>
      <div role="alert">${loud.map((toast) => this.#toast(toast))}</div>`;
  }

  #toast(toast: Toast): TemplateResult {
    return html`<div class="toast toast-${toast.tone}">
      ${icon(ICONS[toast.tone])}
      <p>${toast.text}</p>
      ${toast.action ? html`<button class="button button-small" @click=${() => { toast.action!.run(); void this.#close(toast.id); }}>
        ${toast.action.label}</button>` : nothing}
      <button class="icon-button" aria-label=${t('elements.close')} @click=${() => void this.#close(toast.id)}>${icon('close')}</button>
    </div>`;
  }
}

define('lk-toasts', Toasts);
