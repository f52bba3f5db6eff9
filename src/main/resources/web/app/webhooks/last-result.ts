import { html, nothing, type TemplateResult } from 'lit';
import { api, type Page } from '../api/client.js';
import { define, PanelElement } from '../elements/element.js';
import { tag, timeAgo, type Tag } from '../elements/values.js';
import { t } from '../texts/texts.js';
import { outcomeText, type Delivery } from './delivery.js';
import type { Webhook } from './webhook.js';

/** The newest ones: of those that wait there may be some in front of the last that was tried. */
const LOOKED_AT = 5;
/** So many are asked for at once. */
const AT_ONCE = 3;

const waiting: (() => void)[] = [];
let running = 0;

/** A list of many asks for them one after the other. */
async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    await new Promise<void>((resolve) => { waiting.push(resolve); });
  }
  running += 1;
  try {
    return await ask();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** How the last message to a webhook ended, loaded by itself: a list stands without it. */
class LastResult extends PanelElement {
  static override properties = { of: { attribute: false }, newest: { state: true } };
  declare of: Webhook;
  /** Undefined: on its way; null: it cannot be told. */
  declare private newest: readonly Delivery[] | null | undefined;
  #asked = '';

  constructor() {
    super();
    this.newest = undefined;
  }

  protected override willUpdate(): void {
    if (this.of.id !== this.#asked) {
      this.#asked = this.of.id;
      this.newest = undefined;
      void this.#load(this.of.id);
    }
  }

  async #load(id: string): Promise<void> {
    const answer = await inTurn(() => (this.isConnected ? api.get<Page<Delivery>>(`/webhooks/${id}/deliveries`, { limit: LOOKED_AT }) : Promise.resolve(null)));
    if (id === this.of.id) {
      this.newest = answer?.ok ? answer.value.items : null;
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { newest } = this;
    if (!newest) {
      return newest === undefined ? html`<span class="muted" aria-busy="true">…</span>` : html`<span class="muted">–</span>`;
    }
    const last = newest.filter((delivery) => delivery.lastAttemptAt).sort((one, other) => Date.parse(other.lastAttemptAt!) - Date.parse(one.lastAttemptAt!))[0];
    if (!last) {
      return html`<span class="muted">${t(newest.length > 0 ? 'webhooks.last.waiting' : 'webhooks.last.none')}</span>`;
    }
    return html`<div class="last-result">${tag({ label: outcomeText(last.lastStatus, last.lastError), tone: toneOf(last), title: last.eventType })}<span class="key-note">${timeAgo(last.lastAttemptAt)}</span></div>`;
  }
}

function toneOf({ state }: Delivery): Tag['tone'] {
  return state === 'delivered' ? 'good' : state === 'pending' ? 'warning' : 'danger';
}

define('lk-last-result', LastResult);
