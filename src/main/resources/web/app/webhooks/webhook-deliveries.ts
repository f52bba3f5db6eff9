import { html, nothing, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { define, PanelElement, takesIn, uniqueId } from '../elements/element.js';
import { filters, type Select } from '../elements/filters.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { table, type Column } from '../elements/table.js';
import { timeAgo } from '../elements/values.js';
import { place, setQuery } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { locale, t } from '../texts/texts.js';
import { DeliveryDialog } from './delivery-dialog.js';
import { Following } from './delivery-follow.js';
import { mayRetry, retry, sentAgain } from './delivery-retry.js';
import { deliveriesChanged, deliveryChanged, isUnderWay, outcomeText, prospect, rowOf, STATES, stateTag, type Delivery, type DeliveryDetail } from './delivery.js';
import { loadEventTypes, type EventType } from './event-types.js';
import { SPANS, spanBegin, type SpanName } from './replay.js';
import type { Webhook } from './webhook.js';

/** What the list can be narrowed by, as the address names it. */
const FILTERS = ['event', 'state', 'type', 'span'] as const;
type Filter = (typeof FILTERS)[number];

const AT_ONCE = 20;
const MOST_FOLLOWED = 5;

/** The deliveries to a webhook, the newest first; each opens with its attempts. Filters and the open one stand in the address. */
export class WebhookDeliveries extends PanelElement {
  static override properties = { webhook: { attribute: false }, types: { state: true }, busy: { state: true } };
  protected override readonly follows = [place, session];
  declare webhook: Webhook;
  declare private types: readonly EventType[];
  /** Those that are being put back into the queue. */
  declare private busy: ReadonlySet<string>;
  readonly #id = uniqueId('deliveries');
  readonly #following = new Following(this);
  #list: List<Delivery> | null = null;
  #asked = '';
  #language = '';
  #open: string | null = null;
  #dialog: DeliveryDialog | null = null;

  constructor() {
    super();
    this.types = [];
    this.busy = new Set();
    takesIn(this, deliveryChanged, (detail) => detail && this.#take(detail));
    takesIn(this, deliveriesChanged, () => this.#renew());
    // Also what a dialog has sent again that is closed before it is known what came of it.
    takesIn(this, sentAgain, (detail) => detail?.webhookId === this.webhook.id && this.#following.follow(detail.id));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#dialog?.leave();
  }

  #take(detail: DeliveryDetail): void {
    const before = this.#list?.items.find(({ id }) => id === detail.id);
    if (before) {
      this.#list!.replace(rowOf(detail, before), (row) => row === before);
    }
  }

  #filter(name: Filter): string {
    return place.value.query.get(name) ?? '';
  }

  protected override willUpdate(): void {
    // Switched on again, what has waited is sent.
    const asked = JSON.stringify([this.webhook.id, this.webhook.active, ...FILTERS.map((name) => this.#filter(name))]);
    if (asked !== this.#asked) {
      if (!this.#asked.startsWith(`["${this.webhook.id}"`)) {
        this.#list = new List<Delivery>(this, `/webhooks/${this.webhook.id}/deliveries`, AT_ONCE);
      }
      this.#asked = asked;
      this.#load();
    }
    if (this.#language !== locale.value) {
      this.#language = locale.value;
      void loadEventTypes().then((answer) => { this.types = answer.ok ? answer.value : this.types; });
    }
    // The address may be that of another webhook by now, whose element is on its way.
    const wanted = this.isConnected && place.value.params['id'] === this.webhook.id ? place.value.query.get('delivery') : null;
    if (wanted !== this.#open) {
      this.#open = wanted;
      this.#dialog?.leave();
      if (wanted) {
        void this.#show(wanted);
      }
    }
  }

  #load(): void {
    const span = this.#filter('span') as SpanName;
    void this.#list?.load({
      event: this.#filter('event').trim(), state: this.#filter('state'), type: this.#filter('type'),
      from: span in SPANS ? spanBegin(span).toISOString() : '',
    }).then(() => this.#followFirst());
  }

  /** While a replay runs it changes again and again under the eyes of who reads it: what is shown stays. */
  #renew(): void {
    void this.#list?.renew((one, other) => one.id === other.id).then(() => this.#followFirst());
  }

  /** What is on its way when it is read is news in a moment. */
  #followFirst(): void {
    if (this.webhook.active && this.isConnected) {
      this.#list?.items.filter(isUnderWay).slice(0, MOST_FOLLOWED).forEach(({ id }) => this.#following.follow(id));
    }
  }

  /** The dialog stands as long as the address names it. */
  async #show(id: string): Promise<void> {
    // Not while this renders.
    await Promise.resolve();
    if (id !== this.#open) {
      return;
    }
    const dialog = new DeliveryDialog(id, this.webhook);
    this.#dialog = dialog;
    await dialog.open();
    this.#dialog = this.#dialog === dialog ? null : this.#dialog;
    if (place.value.query.get('delivery') === id) {
      setQuery({ delivery: null });
    }
  }

  async #retry(delivery: Delivery): Promise<void> {
    if (this.busy.has(delivery.id)) {
      return;
    }
    this.busy = new Set([...this.busy, delivery.id]);
    await retry(delivery);
    this.busy = new Set([...this.busy].filter((other) => other !== delivery.id));
  }

  protected override render(): TemplateResult {
    return html`<section class="key-section deliveries" aria-labelledby=${this.#id}>
      <header class="section-head"><div><h2 id=${this.#id}>${t('deliveries.title')}</h2><p class="help">${t('deliveries.lead')}</p></div>
        <button type="button" class="icon-button" aria-label=${t('deliveries.reload')} title=${t('deliveries.reload')} @click=${() => this.#load()}>${icon('refresh')}</button></header>
      ${this.#list ? this.#content(this.#list) : nothing}</section>`;
  }

  #content(list: List<Delivery>): TemplateResult {
    const none = list.items.length === 0;
    const narrowed = FILTERS.some((name) => this.#filter(name));
    // What is no id at all is the id of no event.
    const unknown = list.problem?.errors.some(({ field }) => field === 'event');
    if (list.loaded && !list.loading && none && !list.problem && !narrowed) {
      return html`<div class="card">${emptyState({ icon: 'clock', title: t('deliveries.none'), body: t(may('webhooks:manage') ? 'deliveries.noneBody' : 'deliveries.noneBodyReader') })}</div>`;
    }
    return html`${this.#filters(list)}
      ${none && list.problem && !unknown ? errorState(list.problem, () => this.#load()) : !list.loaded && !unknown ? skeleton(4) : none ? this.#nothing() : html`
        ${list.header()}${table<Delivery>({ caption: t('deliveries.title'), columns: this.#columns(), rows: list.items, key: ({ id }) => id, busy: list.loading })}
        ${list.footer()}`}`;
  }

  #nothing(): TemplateResult {
    return html`<p class="section-none">${t('deliveries.noneFound')} <button type="button" class="link-button" @click=${this.#clear}>${t('elements.filters.clear')}</button></p>`;
  }

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #filters(list: List<Delivery>): TemplateResult {
    const any = { value: '', label: t('deliveries.filters.any') };
    const chosen = this.#filter('type');
    const names = [...new Set([...this.webhook.events, ...this.types.map(({ name }) => name), ...(chosen ? [chosen] : [])])];
    const selects: Select[] = [
      { name: 'state', label: t('deliveries.filters.state'), value: this.#filter('state'), options: [any, ...STATES.map((value) => ({ value, label: t(`deliveries.state.${value}`) }))] },
      { name: 'type', label: t('deliveries.filters.type'), value: chosen, options: [any, ...names.map((value) => ({ value, label: value }))] },
      { name: 'span', label: t('deliveries.filters.span'), value: this.#filter('span'), options: [{ value: '', label: t('deliveries.span.all') },
        ...(Object.keys(SPANS) as SpanName[]).map((value) => ({ value, label: t(`deliveries.span.${value}`) }))] },
    ];
    return filters({
      label: t('deliveries.filters'),
      search: { name: 'event', label: t('deliveries.filters.event'), value: this.#filter('event') },
      selects,
      change: (name, value) => setQuery({ [name]: value }),
      clear: this.#clear,
      summary: !list.loaded || list.problem ? undefined : t(list.hasMore ? 'deliveries.filters.first' : 'deliveries.filters.count', { count: list.items.length }),
    });
  }

  #columns(): Column<Delivery>[] {
    return [
      { head: t('deliveries.columns.event'), names: true, cell: (row) => html`<div class="delivery-event">
        <button type="button" class="link-button mono" translate="no" @click=${() => setQuery({ delivery: row.id })}>${row.eventType}</button>
        <span class="delivery-id"><code title=${row.eventId}>${row.eventId}</code><lk-copy .text=${row.eventId} .label=${t('deliveries.copyId', { id: row.eventId })}></lk-copy></span></div>` },
      { head: t('deliveries.columns.state'), cell: (row) => html`<div class="delivery-state" data-delivery=${row.id}>${stateTag(row.state)}<span class="key-note">${prospect(row, this.webhook.active)}</span></div>` },
      { head: t('deliveries.columns.last'), cell: (row) => (row.attempts === 0 && !row.lastError ? html`<span class="muted">–</span>` : html`<div class="two-lines">
        <span>${outcomeText(row.lastStatus, row.lastError)}</span><span class="key-note">${row.lastError === 'webhook-sealed' ? t('deliveries.sealed') : t('deliveries.attempts', { count: row.attempts })}</span></div>`) },
      { head: t('deliveries.columns.created'), cell: (row) => timeAgo(row.createdAt) },
      { head: t('deliveries.columns.actions'), quiet: true, cell: (row) => this.#actions(row) },
    ];
  }

  #actions(row: Delivery): TemplateResult {
    const busy = this.busy.has(row.id) || (isUnderWay(row) && this.#following.follows(row.id));
    return html`<span class="row-actions">${mayRetry(this.webhook) ? html`<button type="button" class="icon-button" data-do="retry" aria-label=${t('deliveries.retryOf', { event: row.eventType, id: row.eventId })}
      title=${t('deliveries.retry')} aria-busy=${busy ? 'true' : 'false'} aria-disabled=${busy ? 'true' : nothing} @click=${() => { if (!busy) { void this.#retry(row); } }}>${icon('refresh')}</button>` : nothing}<button type="button" class="icon-button"
      aria-label=${t('deliveries.openOf', { event: row.eventType, id: row.eventId })} title=${t('deliveries.open')} @click=${() => setQuery({ delivery: row.id })}>${icon('right')}</button></span>`;
  }
}

define('lk-webhook-deliveries', WebhookDeliveries);
