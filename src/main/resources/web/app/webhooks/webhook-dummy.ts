import { html, nothing, type TemplateResult } from 'lit';
import { Submission } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { problemBanner } from '../elements/states.js';
import { may, session } from '../frame/session.js';
import { locale, t } from '../texts/texts.js';
import { adviceOf } from './delivery-advice.js';
import { errorName, type DeliveryFault, type DeliveryPhases } from './delivery.js';
import { loadEventTypes, type EventType } from './event-types.js';
import { answeredLines, phasesOf, sentLines, tookText, transcript, type Answered, type Sent } from './exchange.js';
import type { Webhook } from './webhook.js';

/** What became of a dummy, as the API tells of it. */
interface Dummy {
  readonly request: Sent;
  readonly response: Answered | null;
  readonly error: DeliveryFault | null;
  readonly durationMs: number;
  readonly phases: DeliveryPhases;
}

const TICK_MILLIS = 1000;

/** Sends an example of an event now and shows, as a terminal would, what was sent and what came back. */
export class WebhookDummy extends PanelElement {
  static override properties = {
    webhook: { attribute: false }, types: { state: true }, chosen: { state: true }, result: { state: true }, problem: { state: true }, seconds: { state: true },
  };
  protected override readonly follows = [session];
  declare webhook: Webhook;
  /** null: not known, or could not be loaded. */
  declare private types: readonly EventType[] | null;
  /** null: the first that is offered. */
  declare private chosen: string | null;
  declare private result: Dummy | null;
  declare private problem: Problem | null;
  /** For how long it has been under way; null: it is not. */
  declare private seconds: number | null;
  readonly #id = uniqueId('dummy');
  #of = '';
  #language = '';
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.types = null;
    this.chosen = null;
    this.result = null;
    this.problem = null;
    this.seconds = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#clock);
  }

  protected override willUpdate(): void {
    if (this.webhook.id !== this.#of) {
      this.#of = this.webhook.id;
      this.chosen = null;
      this.result = null;
      this.problem = null;
    }
    if (this.#language !== locale.value && may('webhooks:manage')) {
      this.#language = locale.value;
      void loadEventTypes().then((answer) => { this.types = answer.ok ? answer.value : this.types; });
    }
  }

  /** Those that the webhook asks for, and all others; one that the catalogue has lost cannot be chosen. */
  #choices(): { readonly own: readonly string[]; readonly others: readonly EventType[] } {
    const { types, webhook } = this;
    return types ? { own: webhook.events.filter((name) => types.some((type) => type.name === name)), others: types.filter((type) => !webhook.events.includes(type.name)) }
      : { own: webhook.events, others: [] };
  }

  /** What is sent: what was chosen, or else the first of them. */
  #event(): string | undefined {
    const { own, others } = this.#choices();
    return this.chosen ?? own[0] ?? others[0]?.name;
  }

  #send = async (): Promise<void> => {
    if (this.seconds !== null) {
      return;
    }
    const of = this.webhook.id;
    const event = this.#event();
    this.problem = null;
    this.#start();
    const answer = await new Submission().post<Dummy>(`/webhooks/${of}/test`, event ? { event } : {});
    this.#stop();
    if (of !== this.webhook.id) {
      return;
    }
    this.result = answer.ok ? answer.value : null;
    this.problem = answer.ok ? null : answer.problem;
  };

  #start(): void {
    this.seconds = 0;
    this.#clock = setInterval(() => { this.seconds = (this.seconds ?? 0) + 1; }, TICK_MILLIS);
  }

  #stop(): void {
    clearInterval(this.#clock);
    this.seconds = null;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!may('webhooks:manage')) {
      return nothing;
    }
    const busy = this.seconds !== null;
    return html`<section class="key-section dummy" aria-labelledby=${this.#id}>
      <header class="section-head"><div><h2 id=${this.#id}>${t('deliveries.dummy')}</h2><p class="help">${t('deliveries.dummy.lead')}</p></div></header>
      <div class="terminal" data-state=${busy ? 'busy' : this.result ? (this.result.error ? 'failed' : 'delivered') : 'idle'}>
        <div class="terminal-bar">${this.#select()}
          <button type="button" class="button button-small terminal-send" aria-busy=${busy ? 'true' : 'false'} aria-disabled=${busy ? 'true' : nothing} @click=${this.#send}>
            ${busy ? nothing : icon('right')}${t(this.result ? 'deliveries.dummy.again' : 'deliveries.dummy.send')}</button></div>
        ${busy ? this.#waiting() : this.result ? this.#shown(this.result) : this.problem ? nothing : html`<p class="terminal-note terminal-idle">${t('deliveries.dummy.idle')}</p>`}</div>
      ${this.problem ? problemBanner(this.problem, () => void this.#send()) : nothing}
      <p class="visually-hidden" role="status">${busy ? t('deliveries.dummy.sending') : this.result ? this.#said(this.result) : ''}</p>
    </section>`;
  }

  #select(): TemplateResult {
    const { own, others } = this.#choices();
    const now = this.#event();
    const option = (name: string): TemplateResult => html`<option value=${name} .selected=${name === now}>${name}</option>`;
    return html`<label class="visually-hidden" for="${this.#id}-event">${t('deliveries.dummy.event')}</label>
      <select class="input input-compact terminal-select mono" id="${this.#id}-event" name="event" @change=${(event: Event) => { this.chosen = (event.target as HTMLSelectElement).value; }}>
        ${own.length > 0 ? html`<optgroup label=${t('deliveries.dummy.own')}>${own.map(option)}</optgroup>` : nothing}
        ${others.length > 0 ? html`<optgroup label=${t('deliveries.dummy.others')}>${others.map(({ name }) => option(name))}</optgroup>` : nothing}</select>`;
  }

  #waiting(): TemplateResult {
    return html`<div class="terminal-part"><p class="terminal-line terminal-first" translate="no"><span class="terminal-sign" aria-hidden="true">&gt;</span><span><strong>POST</strong> ${this.webhook.url}</span></p>
      <p class="terminal-note" aria-hidden="true">${t('deliveries.dummy.waiting', { seconds: this.seconds ?? 0 })}<span class="terminal-cursor"></span></p></div>`;
  }

  #advice({ error, request, response, durationMs }: Dummy): string {
    return error ? adviceOf(error, { url: request.url, status: response?.statusCode ?? null, durationMs }) : '';
  }

  /** The whole result in a sentence. */
  #said(result: Dummy): string {
    const time = tookText(result.durationMs);
    return result.error ? `${this.#title(result)}. ${this.#advice(result)}` : `${this.#title(result)} ${t('deliveries.dummy.took', { time })}`;
  }

  #title({ error, response }: Dummy): string {
    return !error ? t('deliveries.dummy.delivered', { status: String(response?.statusCode ?? '') })
      : response ? t('deliveries.dummy.refused', { status: String(response.statusCode) }) : t('deliveries.dummy.failed', { error: errorName(error.code) });
  }

  #shown(result: Dummy): TemplateResult {
    const { request, response, error, durationMs, phases } = result;
    const advice = this.#advice(result);
    const text = (): string => transcript(request, response, [this.#title(result), ...(advice ? [advice] : []), t('deliveries.dummy.took', { time: tookText(durationMs) })]);
    return html`
      <div class="terminal-outcome terminal-outcome-${error ? 'bad' : 'good'}" data-code=${error?.code ?? 'delivered'}>${icon(error ? 'error' : 'check')}
        <div><strong>${this.#title(result)}</strong>${advice ? html`<p>${advice}</p>` : nothing}</div>
        <lk-copy .text=${text()} .label=${t('deliveries.dummy.copy')}></lk-copy></div>
      ${phasesOf(phases, durationMs, error?.code ?? null)}
      ${sentLines(request)}${response ? answeredLines(response) : html`<p class="terminal-note">${t('deliveries.noAnswer')}</p>`}`;
  }
}

define('lk-webhook-dummy', WebhookDummy);
