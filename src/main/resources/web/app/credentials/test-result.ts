import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../elements/icon.js';
import { atTime } from '../elements/values.js';
import { number } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { iconOf, type Standing, type TestResult } from './credential.js';

/** How a credential stands: the colour with its word, what happened, and what to do next. */
export function standing(said: Standing, more: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<div class="standing standing-${said.status}" data-status=${said.status} data-reason=${said.reason}>${icon(iconOf(said.status))}
    <div><strong>${t(`credentials.status.${said.status}`)}</strong><p>${said.detail}</p>
      ${said.status === 'green' ? nothing : html`<p><span class="standing-next">${t('credentials.next')}</span> ${said.nextStep}</p>`}${more}</div></div>`;
}

/**
 * What a test has shown.
 *
 * @param outdated whether something was changed since it was made
 */
export function testResult(result: TestResult, outdated: boolean): TemplateResult {
  return standing(result, html`<p class="key-note">${result.httpStatus === null ? nothing : html`HTTP ${result.httpStatus} · `}${result.durationMs > 0
    ? html`${t('credentials.test.took', { milliseconds: number(result.durationMs) })} · ` : nothing}${atTime(result.checkedAt)}</p>
    ${outdated ? html`<p class="standing-outdated">${icon('refresh')}${t('credentials.test.outdated')}</p>` : nothing}`);
}
