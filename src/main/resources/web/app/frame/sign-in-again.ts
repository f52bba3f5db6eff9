import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../api/problem.js';
import { confirm } from '../elements/confirm.js';
import { PanelDialog } from '../elements/dialog.js';
import { define, takesIn, uniqueId } from '../elements/element.js';
import { problemBanner } from '../elements/states.js';
import { t } from '../texts/texts.js';
import { ended, leave, restore, session, signIn, ticketOf } from './session.js';
import { ticketField } from './sign-in.js';

let open: SignInAgain | null = null;

/** The session has ended under a page: asks to sign in over it, and what was typed and sent waits. */
export async function askToSignInAgain(): Promise<void> {
  if (!open) {
    open = new SignInAgain();
    await open.open();
    open = null;
  }
}

class SignInAgain extends PanelDialog<void> {
  static override properties = { busy: { state: true }, problem: { state: true }, invalid: { state: true } };
  declare private busy: boolean;
  declare private problem: Problem | null;
  declare private invalid: boolean;
  protected override readonly width = 'narrow';
  readonly #id = uniqueId('ticket');
  #pasted = '';

  constructor() {
    super();
    this.busy = false;
    this.problem = null;
    this.invalid = false;
    takesIn(this, ended, (still) => !still && this.close(undefined));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // A link opened in another tab signs in here too: the cookie is the browser's.
    addEventListener('focus', this.#look);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('focus', this.#look);
  }

  #look = (): void => void restore();

  protected override heading(): string {
    return t('frame.ended.title');
  }

  protected override body(): TemplateResult {
    const name = session.value?.person.name ?? '';
    return html`<p>${t('frame.ended.body', { name })}</p>
      ${this.problem ? problemBanner(this.problem) : nothing}
      ${ticketField(this.#id, this.invalid, (text) => { this.#pasted = text; })}`;
  }

  protected override actions(): TemplateResult {
    return html`
      <button type="button" class="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => void this.dismiss()}>${t('frame.signOut')}</button>
      <button type="submit" class="button button-primary" aria-busy=${this.busy ? 'true' : 'false'} aria-disabled=${this.busy ? 'true' : nothing}>
        ${this.busy ? t('frame.signIn.busy') : t('frame.signIn.action')}</button>`;
  }

  protected override frame(content: TemplateResult): TemplateResult {
    return html`<form novalidate @submit=${this.#submitted}>${content}</form>`;
  }

  protected override working(): boolean {
    return this.busy;
  }

  /** Giving up means leaving: without a session nothing on the page can be used. */
  protected override async mayClose(): Promise<boolean> {
    if (await confirm({
      title: t('frame.ended.leave.title'), body: t('frame.ended.leave.body'), action: t('frame.ended.leave.action'),
      cancel: t('frame.ended.leave.cancel'), danger: true,
    })) {
      leave();
      return true;
    }
    return false;
  }

  #submitted = async (event: Event): Promise<void> => {
    event.preventDefault();
    const ticket = ticketOf(this.#pasted);
    this.invalid = ticket === null;
    if (!ticket) {
      this.querySelector<HTMLElement>(`#${this.#id}`)?.focus();
    }
    if (!ticket || this.busy) {
      return;
    }
    this.busy = true;
    this.problem = null;
    const answer = await signIn(ticket);
    this.busy = false;
    if (!answer.ok) {
      this.problem = answer.problem;
    }
  };
}

define('lk-sign-in-again', SignInAgain);
