import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { define, PanelElement, takesIn } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, problemBanner, skeleton } from '../elements/states.js';
import { addressOf } from '../frame/addresses.js';
import { pages } from '../frame/pages.js';
import { go } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { currentStore, stores } from '../frame/stores.js';
import { subject } from '../frame/subject.js';
import { t } from '../texts/texts.js';
import { actionsOf, read, refresh, takesChanges, type Change, type WebhookAction } from './actions.js';
import { deliveryChanged, isUnderWay, type DeliveryDetail } from './delivery.js';
import './signature-panel.js';
import { standing } from './standing.js';
import './webhook-activity.js';
import { webhookFacts } from './webhook-facts.js';
import './webhook-deliveries.js';
import './webhook-dummy.js';
import './webhook-menu.js';
import './webhook-replays.js';
import { nameOf, stateOf, stateTag, type Webhook } from './webhook.js';

/** All there is to know about one webhook, what was sent to it, and how its receiver knows that it is from here. */
class WebhookPage extends PanelElement {
  static override properties = { webhookId: { attribute: false }, of: { state: true }, problem: { state: true } };
  protected override readonly follows = [session, stores, currentStore];
  declare webhookId: string;
  declare private of: Webhook | null;
  declare private problem: Problem | null;
  #asked = '';

  constructor() {
    super();
    this.of = null;
    this.problem = null;
    takesChanges(this, (change) => this.#take(change));
    takesIn(this, deliveryChanged, (delivery) => this.#delivered(delivery));
  }

  /** What became of a message says whether the webhook works. */
  #delivered(delivery: DeliveryDetail | null): void {
    if (delivery?.webhookId === this.webhookId && !isUnderWay(delivery)) {
      void refresh(this.webhookId);
    }
  }

  #take(change: Change): void {
    if (change.kind === 'changed' && change.webhook.id === this.webhookId) {
      this.of = change.webhook;
    } else if (change.kind === 'deleted' && change.id === this.webhookId) {
      void go(this.#list(), 'replace');
    }
  }

  /** Where one comes from: the list of the store that one works in, or of all. */
  #list(): string {
    return addressOf(pages.find((page) => page.name === 'webhooks')!);
  }

  protected override willUpdate(): void {
    if (this.webhookId !== this.#asked) {
      this.#asked = this.webhookId;
      this.of = null;
      void this.#load();
    }
    if (this.isConnected) {
      subject.value = this.of ? nameOf(this.of) : null;
    }
  }

  async #load(): Promise<void> {
    const asked = this.webhookId;
    this.problem = null;
    const answer = await read(asked);
    if (asked !== this.webhookId) {
      return;
    }
    this.problem = answer.ok ? null : answer.problem;
    this.of = answer.ok ? answer.value : this.of;
  }

  protected override render(): TemplateResult {
    const { of: webhook, problem } = this;
    if (problem?.status === 404) {
      return emptyState({
        page: true, icon: 'search', title: t('webhooks.page.gone'), body: t('webhooks.page.goneBody'),
        action: html`<a class="button button-primary" href=${this.#list()}>${t('webhooks.page.toList')}</a>`,
      });
    }
    if (problem && !webhook) {
      return errorState(problem, () => void this.#load(), true);
    }
    return html`<div class="page page-wide">
      <a class="back-link" href=${this.#list()}>${icon('left')}${t('frame.pages.webhooks')}</a>
      ${webhook ? this.#content(webhook) : html`<header class="page-head"><h1>${t('frame.pages.webhook')}</h1></header>${skeleton(8)}`}
    </div>`;
  }

  #content(webhook: Webhook): TemplateResult {
    return html`
      <header class="page-head">
        <div><h1 translate="no">${nameOf(webhook)}</h1>
          <div class="key-head">${stateTag(webhook)}<span class="webhook-url"><code>${webhook.url}</code><lk-copy .text=${webhook.url} .label=${t('webhooks.copyUrl')}></lk-copy></span></div></div>
        ${this.#actions(webhook)}
      </header>
      ${this.problem ? problemBanner(this.problem, () => void this.#load()) : nothing}
      <div class="key-page webhook-page">
        <div class="key-sections">
          ${standing(webhook)}
          <lk-webhook-dummy .webhook=${webhook}></lk-webhook-dummy>
          <lk-webhook-deliveries .webhook=${webhook}></lk-webhook-deliveries>
          <lk-webhook-replays .webhook=${webhook}></lk-webhook-replays>
          <lk-signature-panel></lk-signature-panel>
          ${may('activity:read') ? html`<lk-webhook-activity .targetId=${webhook.id}></lk-webhook-activity>` : nothing}
        </div>
        <section class="card" aria-label=${t('webhooks.facts')}>${webhookFacts(webhook)}</section>
      </div>`;
  }

  /** What is wanted most in sight, all of it behind the dots. */
  #actions(webhook: Webhook): TemplateResult | typeof nothing {
    const actions = actionsOf(webhook);
    const off = stateOf(webhook) !== 'active' && !webhook.active;
    const wanted: WebhookAction['name'][] = off ? ['resume', 'edit'] : ['edit', 'rotate'];
    const first = wanted.map((name) => actions.find((action) => action.name === name)).filter((action): action is WebhookAction => action !== undefined);
    return actions.length === 0 ? nothing : html`<div class="page-actions">${first.map((action) => html`<button type="button" class="button ${action.name === 'resume' ? 'button-primary' : ''}"
      @click=${() => void action.run()}>${icon(action.icon)}${t(`webhooks.actions.${action.name}`)}</button>`)}<lk-webhook-menu .of=${webhook}></lk-webhook-menu></div>`;
  }
}

define('lk-webhook-page', WebhookPage);
