import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { PanelDialog } from '../elements/dialog.js';
import { define, takesIn } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { errorState, note, skeleton } from '../elements/states.js';
import { atTime } from '../elements/values.js';
import { session } from '../frame/session.js';
import { t } from '../texts/texts.js';
import { adviceOf } from './delivery-advice.js';
import { Following } from './delivery-follow.js';
import { mayRetry, retry, sentAgain } from './delivery-retry.js';
import { deliveryChanged, isUnderWay, outcomeText, prospect, stateTag, type Attempt, type Delivery, type DeliveryDetail } from './delivery.js';
import { answeredLines, phasesOf, sentLines, tookText, transcript } from './exchange.js';
import { placeOf, type Webhook } from './webhook.js';

/** What became of the same event elsewhere. */
type Fate = Omit<Delivery, 'eventId' | 'eventType' | 'createdAt' | 'lastAttemptAt'> & { readonly webhookId: string; readonly url: string };

/** One delivery with each of its attempts, as long as it is under way also with those that come. */
export class DeliveryDialog extends PanelDialog<void> {
  static override properties = { of: { state: true }, problem: { state: true }, fates: { state: true }, busy: { state: true } };
  protected override readonly follows = [session];
  protected override readonly width = 'wide';
  declare private of: DeliveryDetail | null;
  declare private problem: Problem | null;
  declare private fates: readonly Fate[];
  declare private busy: boolean;
  readonly #following = new Following(this);

  constructor(private readonly deliveryId: string, private readonly webhook: Webhook) {
    super();
    this.of = null;
    this.problem = null;
    this.fates = [];
    this.busy = false;
    takesIn(this, deliveryChanged, (detail) => {
      if (detail?.id === this.deliveryId) {
        this.of = detail;
      }
    });
    takesIn(this, sentAgain, (detail) => detail?.id === this.deliveryId && this.#following.follow(detail.id));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  /** Closed by who has opened it: the address names it no more. */
  leave(): void {
    this.close(undefined);
  }

  async #load(): Promise<void> {
    this.problem = null;
    const answer = await api.get<DeliveryDetail>(`/deliveries/${encodeURIComponent(this.deliveryId)}`);
    if (!answer.ok) {
      this.problem = answer.problem;
      return;
    }
    // A list that was read an hour ago learns of it, too.
    deliveryChanged.value = answer.value;
    if (!this.isConnected) {
      return;
    }
    if (isUnderWay(answer.value) && this.webhook.active) {
      this.#following.follow(this.deliveryId);
    }
    const event = await api.get<{ readonly deliveries: readonly Fate[] }>(`/events/${encodeURIComponent(answer.value.eventId)}`);
    // What else became of the event is said where it can be read.
    this.fates = event.ok ? event.value.deliveries.filter(({ id }) => id !== this.deliveryId) : [];
  }

  async #retry(): Promise<void> {
    if (!this.of || this.busy) {
      return;
    }
    this.busy = true;
    await retry(this.of);
    this.busy = false;
  }

  protected override heading(): string {
    return t('deliveries.one');
  }

  protected override subheading(): TemplateResult | typeof nothing {
    return this.of ? html`<code>${this.of.eventType}</code>` : nothing;
  }

  protected override actions(): TemplateResult {
    const waits = this.busy || (this.of !== null && isUnderWay(this.of) && this.#following.follows(this.deliveryId));
    return html`<button type="button" class="button" @click=${() => void this.dismiss()}>${t('elements.close')}</button>
      ${this.of && mayRetry(this.webhook) ? html`<button type="button" class="button button-primary" data-do="retry" aria-busy=${waits ? 'true' : 'false'} aria-disabled=${waits ? 'true' : nothing}
        @click=${() => { if (!waits) { void this.#retry(); } }}>${t('deliveries.retry')}</button>` : nothing}`;
  }

  protected override body(): TemplateResult {
    const { of: delivery, problem } = this;
    if (problem) {
      return problem.status === 404 ? html`<p>${t('deliveries.gone')}</p>` : errorState(problem, () => void this.#load());
    }
    return delivery ? this.#content(delivery) : skeleton(4);
  }

  #content(delivery: DeliveryDetail): TemplateResult {
    return html`
      <dl class="delivery-facts">
        ${fact(t('deliveries.columns.state'), html`<span class="delivery-standing" role="status">${stateTag(delivery.state)} <span>${prospect(delivery, this.webhook.active)}</span></span>`)}
        ${fact(t('deliveries.eventId'), html`<span class="delivery-id"><code>${delivery.eventId}</code><lk-copy .text=${delivery.eventId} .label=${t('deliveries.copyId', { id: delivery.eventId })}></lk-copy></span>`)}
        ${fact(t('deliveries.columns.created'), atTime(delivery.createdAt))}
        ${delivery.finishedAt ? fact(t('deliveries.finished'), atTime(delivery.finishedAt)) : nothing}</dl>
      ${this.webhook.active ? nothing : note('info', t('deliveries.off'))}
      ${this.#attempts(delivery)}
      <section class="delivery-part"><h3>${t('deliveries.request')}</h3><details class="attempt"><summary><span class="attempt-name"><strong>POST</strong> <code>${delivery.request.url}</code></span></summary>
        <div class="terminal">${sentLines({ ...delivery.request, headers: null })}</div><p class="help">${t('deliveries.requestHelp')}</p></details></section>
      ${this.fates.length === 0 ? nothing : html`<section class="delivery-part"><h3>${t('deliveries.elsewhere')}</h3><ul class="delivery-fates">${this.fates.map((fate) => html`<li>
        <a href="/webhooks/${fate.webhookId}?delivery=${fate.id}" translate="no" @click=${() => this.close(undefined)}>${placeOf(fate.url)}</a>${stateTag(fate.state)}
        <span class="key-note">${fate.attempts > 0 ? outcomeText(fate.lastStatus, fate.lastError) : nothing}</span></li>`)}</ul></section>`}`;
  }

  /** The newest first, and open. */
  #attempts({ attempts, request }: DeliveryDetail): TemplateResult {
    const last = attempts.length - 1;
    return html`<section class="delivery-part"><h3>${t('deliveries.attemptsTitle')} <span class="count">${attempts.length}</span></h3>
      ${attempts.length === 0 ? html`<p class="section-none">${t('deliveries.noAttempts')}</p>`
        : html`<ol class="attempts" reversed>${attempts.map((attempt, index) => this.#attempt(attempt, index + 1, index === last, request)).reverse()}</ol>`}</section>`;
  }

  #attempt(attempt: Attempt, number: number, isLast: boolean, { url, body }: DeliveryDetail['request']): TemplateResult {
    const { error, statusCode, durationMs } = attempt;
    const advice = error ? adviceOf(error, { url, status: statusCode, durationMs }) : t('deliveries.dummy.delivered', { status: String(statusCode ?? '') });
    const answer = statusCode === null ? null : { statusCode, headers: attempt.headers ?? {}, body: attempt.body ?? '', truncated: attempt.truncated };
    const text = (): string => transcript({ url, headers: null, body }, answer, [advice]);
    return html`<li data-attempt=${number}><details class="attempt" ?open=${isLast}>
      <summary><span class="attempt-name">${t('deliveries.attempt', { number })}</span>
        <span class="tag ${error ? 'tag-danger' : 'tag-good'}">${outcomeText(statusCode, error?.code ?? null)}</span>
        <span class="attempt-when">${atTime(attempt.startedAt)} · ${tookText(durationMs)}</span></summary>
      <div class="terminal">
        <div class="terminal-outcome terminal-outcome-${error ? 'bad' : 'good'}">${icon(error ? 'error' : 'check')}<p>${advice}</p><lk-copy .text=${text()} .label=${t('deliveries.copyAttempt')}></lk-copy></div>
        ${phasesOf(attempt.phases, durationMs, error?.code ?? null)}
        ${answer ? answeredLines(answer) : html`<p class="terminal-note">${t('deliveries.noAnswer')}</p>`}</div></details></li>`;
  }
}

function fact(name: string, value: TemplateResult): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

define('lk-delivery-dialog', DeliveryDialog);
