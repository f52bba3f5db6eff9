import { html, type TemplateResult } from 'lit';
import { recipesFor } from '../recipes/recipe.js';
import { t } from '../texts/texts.js';

/** How a webhook comes to something, in three steps. */
export function recipes(): TemplateResult {
  return html`<section class="card webhook-steps" aria-labelledby="webhook-steps"><h2 id="webhook-steps">${t('webhooks.steps.title')}</h2>
    <ol>${(['build', 'add', 'try'] as const).map((step) => html`<li><strong>${t(`webhooks.steps.${step}`)}</strong><span>${t(`webhooks.steps.${step}Help`)}</span></li>`)}</ol>
    ${recipesFor(['receive-orders'])}</section>`;
}
