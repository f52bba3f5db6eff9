import { html, nothing, type TemplateResult } from 'lit';
import { isPassing, type Problem } from '../api/problem.js';
import { list } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { adviceOf, titleOf } from '../texts/problems.js';
import { icon, type IconName } from './icon.js';

/** What stands where nothing (yet) is: emptiness that says what to do, refusals that offer what helps. */

export interface Emptiness {
  readonly icon: IconName;
  readonly title: string;
  /** What would stand here and what it is good for. */
  readonly body: string | TemplateResult;
  /** The first step, if the person may take it. */
  readonly action?: TemplateResult;
  /** It is all that the page has: its title is the page's heading. */
  readonly page?: boolean;
}

export function emptyState({ icon: name, title, body, action, page }: Emptiness): TemplateResult {
  return html`<div class="state">
    <span class="state-icon">${icon(name)}</span>
    ${page ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}
    <p>${body}</p>
    ${action ? html`<div class="state-actions">${action}</div>` : nothing}
  </div>`;
}

/** Where a page or a part of it could not be loaded. */
export function errorState(problem: Problem, retry?: () => void, page = false): TemplateResult {
  return html`<div class="state" role="alert">
    <span class="state-icon state-icon-error">${icon(problem.status === 404 ? 'search' : 'warning')}</span>
    ${page ? html`<h1>${titleOf(problem)}</h1>` : html`<h2>${titleOf(problem)}</h2>`}
    <p>${adviceOf(problem)}</p>
    ${retry ? html`<div class="state-actions"><button class="button" @click=${retry}>${icon('refresh')}${t('elements.retry')}</button></div>` : nothing}
    ${reference(problem)}
  </div>`;
}

export interface Remedy {
  readonly label: string;
  readonly run: () => void;
}

/** Above what a person has typed: what was refused, what helps, and that nothing of it is lost. */
export function problemBanner(problem: Problem, retry?: () => void, remedy?: Remedy): TemplateResult {
  const offered = remedy ?? (retry && isPassing(problem) ? { label: t('elements.retry'), run: retry } : null);
  return html`<div class="banner banner-error" role="alert" tabindex="-1">
    ${icon('error')}
    <div class="banner-text">
      <strong>${titleOf(problem)}</strong>
      <p>${adviceOf(problem)}${isPassing(problem) ? html` ${t('elements.nothingLost')}` : nothing}</p>
      ${reference(problem)}
    </div>
    ${offered ? html`<button type="button" class="button button-small" @click=${offered.run}>${offered.label}</button>` : nothing}
  </div>`;
}

/**
 * Of a form that was brought together with what somebody else has saved.
 *
 * @param both the fields that both have changed, as the person knows them
 */
export function staleText(both: readonly string[]): string {
  return both.length === 0 ? t('elements.stale.kept') : t('elements.stale.both', { fields: list(both) });
}

/** Something that one should know, beside what it is about. */
export function note(tone: 'info' | 'warning', text: string | TemplateResult): TemplateResult {
  return html`<div class="banner banner-${tone}">${icon(tone)}<div class="banner-text">${text}</div></div>`;
}

function reference(problem: Problem): TemplateResult | typeof nothing {
  // Of use to whoever looks into the logs, where it was not the person's own doing.
  return problem.requestId && problem.status >= 500 ? html`<p class="reference">${t('elements.requestId')} <code>${problem.requestId}</code></p>` : nothing;
}

/** Rows that are on their way: their shape, so that nothing jumps when they come. */
export function skeleton(rows = 5): TemplateResult {
  return html`<div class="skeleton" role="status"><span class="visually-hidden">${t('elements.loading')}</span>
    ${Array.from({ length: rows }, () => html`<span></span>`)}</div>`;
}
