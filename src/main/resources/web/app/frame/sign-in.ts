import { html, nothing, type TemplateResult } from 'lit';
import { isPassing, type Problem } from '../api/problem.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { problemBanner } from '../elements/states.js';
import { LOCALES, locale, speak, t } from '../texts/texts.js';
import { signIn, ticketOf, type Ticket } from './session.js';

/**
 * The page that signs in. A link carries its token in the fragment, which no server, log or Referer sees; it is taken out of the
 * address, and thus of the history, before anything else happens.
 */
class SignIn extends PanelElement {
  static override properties = { busy: { state: true }, problem: { state: true }, invalid: { state: true } };
  declare private busy: boolean;
  declare private problem: Problem | null;
  declare private invalid: boolean;
  readonly #id = uniqueId('ticket');
  #pasted = '';
  /** What could not be sent for the moment. A link stands in the address no more, and nowhere else. */
  #kept: Ticket | null = null;

  constructor() {
    super();
    this.busy = false;
    this.problem = null;
    this.invalid = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.#arrived);
    this.#arrived();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#arrived);
  }

  #arrived = (): void => {
    if (location.pathname === '/sign-in' && location.hash.length > 1) {
      const link = location.hash.slice(1);
      history.replaceState(history.state, '', location.pathname + location.search);
      void this.#send({ link });
    }
  };

  async #send(ticket: Ticket): Promise<void> {
    this.busy = true;
    this.problem = null;
    const answer = await signIn(ticket);
    this.busy = false;
    this.#kept = !answer.ok && isPassing(answer.problem) ? ticket : null;
    if (!answer.ok) {
      this.problem = answer.problem;
      return;
    }
    this.#pasted = '';
  }

  #submitted = (event: Event): void => {
    event.preventDefault();
    if (this.busy) {
      return;
    }
    const ticket = ticketOf(this.#pasted);
    this.invalid = ticket === null;
    if (ticket) {
      void this.#send(ticket);
    } else {
      this.querySelector<HTMLElement>(`#${this.#id}`)?.focus();
    }
  };

  protected override render(): TemplateResult {
    return html`<main class="alone sign-in">
      <div class="card sign-in-card">
        <span class="brand brand-large"><span class="brand-mark">${icon('key')}</span>Latchkey</span>
        <h1>${t('frame.signIn.title')}</h1>
        <p class="lead">${t('frame.signIn.lead')}</p>
        ${this.problem ? problemBanner(this.problem, () => this.#kept && void this.#send(this.#kept)) : nothing}
        <form novalidate @submit=${this.#submitted}>
          ${ticketField(this.#id, this.invalid, (text) => { this.#pasted = text; })}
          <button class="button button-primary button-wide" aria-busy=${this.busy ? 'true' : 'false'} aria-disabled=${this.busy ? 'true' : nothing}>
            ${this.busy ? t('frame.signIn.busy') : t('frame.signIn.action')}</button>
        </form>
        <details><summary>${t('frame.signIn.whereFrom')}</summary><ul>
          <li>${t('frame.signIn.fromLog')}</li><li>${t('frame.signIn.fromProvider')}</li><li>${t('frame.signIn.fromPlatform')}</li></ul></details>
      </div>
      <nav class="languages" aria-label=${t('frame.language')}>${LOCALES.map((each) => html`
        <button class="link-button" lang=${each} aria-pressed=${each === locale.value ? 'true' : 'false'} @click=${() => speak(each, true)}>${t(`frame.languages.${each}`)}</button>`)}</nav>
    </main>`;
  }
}

/** What one signs in with, as a password field: a link is worth a session. */
export function ticketField(id: string, invalid: boolean, typed: (text: string) => void): TemplateResult {
  return html`<div class="field ${invalid ? 'field-invalid' : ''}">
    <label class="label" for=${id}>${t('frame.signIn.ticket')}</label>
    <input class="input mono" id=${id} type="password" autocomplete="off" spellcheck="false" autofocus
      aria-invalid=${invalid ? 'true' : nothing} aria-describedby=${invalid ? `${id}-error` : `${id}-help`}
      @input=${(event: Event) => typed((event.target as HTMLInputElement).value)}>
    ${invalid ? html`<p class="error" id="${id}-error">${t('frame.signIn.noTicket')}</p>` : nothing}
    <p class="help" id="${id}-help">${t('frame.signIn.ticketHelp')}</p>
  </div>`;
}

define('lk-sign-in', SignIn);
