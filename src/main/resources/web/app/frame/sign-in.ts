import { html, nothing, type TemplateResult } from 'lit';
import { isPassing, type Problem } from '../api/problem.js';
import type { Session } from '../api/types.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { problemBanner } from '../elements/states.js';
import { LOCALES, locale, rich, speak, t } from '../texts/texts.js';
import { go } from './router.js';
import { look, signIn, stay, ticketOf, type Ticket } from './session.js';

/**
 * The page that signs in. A link carries its token in the fragment, which no server, log or Referer sees; it is taken out of the
 * address, and thus of the history, before anything else happens.
 *
 * Any page of the web can lead someone here with a link of its own. Whoever is signed in is therefore asked before a link takes
 * the place of that session; in a frame the page around it decides, which the operator has named.
 */
class SignIn extends PanelElement {
  static override properties = { busy: { state: true }, problem: { state: true }, invalid: { state: true }, asked: { state: true } };
  declare private busy: boolean;
  declare private problem: Problem | null;
  declare private invalid: boolean;
  /** A link that came while somebody was signed in: whether it is to be used is for that person to say. */
  declare private asked: { readonly ticket: Ticket; readonly instead: Session } | null;
  readonly #id = uniqueId('ticket');
  #pasted = '';
  /** What could not be sent for the moment. A link stands in the address no more, and nowhere else. */
  #kept: Ticket | null = null;

  constructor() {
    super();
    this.busy = false;
    this.problem = null;
    this.invalid = false;
    this.asked = null;
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
      void this.#take({ link });
    }
  };

  /** Hands it in, unless somebody is signed in: he is asked, except in a frame, whose page has decided. */
  async #take(ticket: Ticket): Promise<void> {
    this.asked = null;
    this.problem = null;
    this.busy = true;
    const found = await look();
    this.busy = false;
    if (found.ok && window.top === window) {
      this.asked = { ticket, instead: found.value };
      await this.updateComplete;
      this.querySelector<HTMLElement>('.sign-in-stay')?.focus();
    } else if (found.ok || found.problem.status === 401) {
      await this.#send(ticket, found.ok ? found.value : null);
    } else {
      this.problem = found.problem;
      this.#kept = isPassing(found.problem) ? ticket : null;
    }
  }

  async #send(ticket: Ticket, instead: Session | null = null): Promise<void> {
    this.busy = true;
    this.problem = null;
    const answer = await signIn(ticket, instead);
    this.busy = false;
    this.#kept = !answer.ok && isPassing(answer.problem) ? ticket : null;
    if (!answer.ok) {
      this.asked = null;
      this.problem = answer.problem;
      return;
    }
    this.#pasted = '';
  }

  async #stay(instead: Session): Promise<void> {
    await go('/keys', 'replace');
    await stay(instead);
  }

  #submitted = (event: Event): void => {
    event.preventDefault();
    if (this.busy) {
      return;
    }
    const ticket = ticketOf(this.#pasted);
    this.invalid = ticket === null;
    if (ticket) {
      void this.#take(ticket);
    } else {
      this.querySelector<HTMLElement>(`#${this.#id}`)?.focus();
    }
  };

  protected override render(): TemplateResult {
    return html`<main class="alone sign-in">
      <div class="card sign-in-card">
        <span class="brand brand-large"><span class="brand-mark">${icon('key')}</span>Latchkey</span>
        ${this.asked ? this.#question(this.asked.ticket, this.asked.instead) : this.#form()}
      </div>
      <nav class="languages" aria-label=${t('frame.language')}>${LOCALES.map((each) => html`
        <button class="link-button" lang=${each} aria-pressed=${each === locale.value ? 'true' : 'false'} @click=${() => speak(each, true)}>${t(`frame.languages.${each}`)}</button>`)}</nav>
    </main>`;
  }

  #question(ticket: Ticket, instead: Session): TemplateResult {
    return html`
      <h1>${t('frame.signIn.instead.title')}</h1>
      <p class="lead">${rich('frame.signIn.instead.body', {
        name: html`<strong data-user>${instead.person.name}</strong>`, organization: html`<strong data-user>${instead.organization.name}</strong>`,
      })}</p>
      <p>${t('frame.signIn.instead.advice')}</p>
      <div class="sign-in-choice">
        <button class="button button-primary button-wide sign-in-stay" ?disabled=${this.busy} @click=${() => void this.#stay(instead)}>${t('frame.signIn.instead.stay')}</button>
        <button class="button button-wide" aria-busy=${this.busy ? 'true' : 'false'} ?disabled=${this.busy}
          @click=${() => void this.#send(ticket, instead)}>${this.busy ? t('frame.signIn.busy') : t('frame.signIn.instead.use')}</button>
      </div>`;
  }

  #form(): TemplateResult {
    return html`
        <h1>${t('frame.signIn.title')}</h1>
        <p class="lead">${t('frame.signIn.lead')}</p>
        ${this.problem ? problemBanner(this.problem, () => this.#kept && void this.#take(this.#kept)) : nothing}
        <form novalidate @submit=${this.#submitted}>
          ${ticketField(this.#id, this.invalid, (text) => { this.#pasted = text; })}
          <button class="button button-primary button-wide" aria-busy=${this.busy ? 'true' : 'false'} aria-disabled=${this.busy ? 'true' : nothing}>
            ${this.busy ? t('frame.signIn.busy') : t('frame.signIn.action')}</button>
        </form>
        <details><summary>${t('frame.signIn.whereFrom')}</summary><ul>
          <li>${t('frame.signIn.fromLog')}</li><li>${t('frame.signIn.fromProvider')}</li><li>${t('frame.signIn.fromPlatform')}</li></ul></details>`;
  }
}

/** What one signs in with, as a password field: a link is worth a session. */
export function ticketField(id: string, invalid: boolean, typed: (text: string) => void): TemplateResult {
  return html`<div class="field ${invalid ? 'field-invalid' : ''}">
    <label class="label" for=${id}>${t('frame.signIn.ticket')}</label>
    <input class="input mono" id=${id} type="password" autocomplete="off" spellcheck="false" autofocus
      aria-invalid=${invalid ? 'true' : nothing} aria-describedby=${invalid ? `${id}-error` : `${id}-help`}
      @input=${(event: Event) => typed((event.target as HTMLInputElement).value)}>
    ${invalid ? html`<p class="error" id="${id}-error" role="alert">${t('frame.signIn.noTicket')}</p>` : nothing}
    <p class="help" id="${id}-help">${t('frame.signIn.ticketHelp')}</p>
  </div>`;
}

define('lk-sign-in', SignIn);
