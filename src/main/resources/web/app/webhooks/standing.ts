import { html, type TemplateResult } from 'lit';
import { icon } from '../elements/icon.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { iconOf, stateOf, type Webhook, type WebhookState } from './webhook.js';

const COLOURS: Record<WebhookState, string> = { active: 'green', failing: 'yellow', paused: 'unknown', failed: 'red', gone: 'red' };

/** How a webhook stands: a word, what that means for what happens meanwhile, and what to do. */
export function standing(webhook: Webhook): TemplateResult {
  const state = stateOf(webhook);
  const since = webhook.disabledAt ?? webhook.failingSince;
  return html`<section class="key-section" aria-labelledby="webhook-state"><header class="section-head"><h2 id="webhook-state">${t('webhooks.columns.state')}</h2></header>
    <div class="card card-standing"><div class="standing standing-${COLOURS[state]}">${icon(iconOf(state))}<div><strong>${t(`webhooks.state.${state}`)}</strong>
      <p>${t(`webhooks.standing.${state}`, { when: since ? dateTime(since) : '' })}</p>
      <p><span class="standing-next">${t('webhooks.next')}</span> ${t(`webhooks.next.${state}`)}</p></div></div></div></section>`;
}
