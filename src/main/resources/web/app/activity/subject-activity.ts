import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { errorState, skeleton } from '../elements/states.js';
import { timeAgo } from '../elements/values.js';
import { stores } from '../frame/stores.js';
import { rich, t } from '../texts/texts.js';
import { changesOf } from './changes.js';
import { actionText, iconOf, type Entry } from './entry.js';

const SHOWN = 10;

/**
 * What was done to one thing and with it, the newest first: its part of the activity log, for the page of that thing. Extended
 * by those who know when it has changed: then they call `reload`.
 */
export class SubjectActivity extends PanelElement {
  static override properties: PropertyDeclarations = { targetId: { attribute: false } };
  protected override readonly follows = [stores];
  declare targetId: string;
  readonly #list = new List<Entry>(this, '/activity', SHOWN);
  readonly #id = uniqueId('activity');

  reload(): void {
    void this.#list.load();
  }

  protected override willUpdate(): void {
    this.#list.ask({ targetId: this.targetId });
  }

  protected override render(): TemplateResult {
    return html`<section class="key-section" aria-labelledby=${this.#id} data-section="activity">
      <header class="section-head"><h2 id=${this.#id}>${t('keys.activity')}</h2>
        <button type="button" class="icon-button" aria-label=${t('activity.reload')} title=${t('activity.reload')} @click=${() => this.reload()}>${icon('refresh')}</button></header>
      ${this.#content()}</section>`;
  }

  #content(): TemplateResult | typeof nothing {
    const entries = this.#list;
    if (!entries.loaded) {
      return entries.problem ? errorState(entries.problem, () => void entries.load()) : skeleton(3);
    }
    return entries.items.length === 0 && !entries.problem ? html`<p class="section-none">${t('keys.activity.none')}</p>`
      : html`${entries.header()}<ol class="card activity" aria-busy=${entries.loading ? 'true' : 'false'}>${entries.items.map((entry) => html`<li data-action=${entry.action}>
        <span class="activity-icon">${icon(iconOf(entry.action))}</span>
        <div><p><strong>${actionText(entry.action)}</strong> ${who(entry)}</p>${this.#changes(entry)}</div>
        <span class="activity-when">${timeAgo(entry.at)}</span></li>`)}</ol>${entries.footer()}
        <p><a href="/activity?targetId=${encodeURIComponent(this.targetId)}">${t('activity.all')}</a></p>`;
  }

  /** What it was made with stands in the facts of its page, or in the changes since. */
  #changes(entry: Entry): TemplateResult | typeof nothing {
    return entry.action.endsWith('.created') || entry.changes.length === 0 ? nothing : changesOf(entry);
  }
}

/** What was counted has nobody who did it. */
function who({ actor, ip }: Entry): TemplateResult | typeof nothing {
  if (actor.type === 'system') {
    return nothing;
  }
  const name = html`<span translate="no">${actor.type === 'key' ? t('keys.createdByKey', { name: actor.name }) : actor.name}</span>`;
  return html`<span class="muted">${ip ? rich('keys.activity.byFrom', { name, ip: html`<code>${ip}</code>` }) : rich('keys.activity.by', { name })}</span>`;
}

define('lk-subject-activity', SubjectActivity);
