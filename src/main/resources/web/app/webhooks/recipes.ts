import { html, type TemplateResult } from 'lit';
import { icon } from '../elements/icon.js';
import { t } from '../texts/texts.js';

/** Of the source's own documents: a receiver that runs, and is tried with each change of it. */
export const RECIPE = 'docs/recipes/receive-orders.md';

/** How a webhook comes to something, in three steps. */
export function recipes(): TemplateResult {
  return html`<section class="card webhook-steps" aria-labelledby="webhook-steps"><h2 id="webhook-steps">${t('webhooks.steps.title')}</h2>
    <ol>${(['build', 'add', 'try'] as const).map((step) => html`<li><strong>${t(`webhooks.steps.${step}`)}</strong><span>${t(`webhooks.steps.${step}Help`)}</span></li>`)}</ol>
    <p class="help">${icon('info')}<span>${t('webhooks.steps.recipes')} <code>${RECIPE}</code></span></p></section>`;
}
