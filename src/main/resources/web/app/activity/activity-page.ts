import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement } from '../elements/element.js';
import { filters } from '../elements/filters.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { place, setQuery } from '../frame/router.js';
import { session } from '../frame/session.js';
import { stores } from '../frame/stores.js';
import { t } from '../texts/texts.js';
import { entriesByDay } from './entries.js';
import type { Actor, Entry } from './entry.js';
import { FILTERS, filterOf, isByDays, queryOf, selects } from './narrowing.js';
import { CheckDialog } from './check-dialog.js';

/** Who did what, to what, and from where; and whether anybody has tampered with the record of it. */
class ActivityPage extends PanelElement {
  protected override readonly follows = [place, session, stores];
  readonly #list = new List<Entry>(this, '/activity', 50);
  /** Everybody who stood in a list here: whom one can ask for. */
  readonly #actors = new Map<string, Actor>();
  #asked = '';

  protected override willUpdate(): void {
    const asked = JSON.stringify(FILTERS.map(filterOf));
    if (asked !== this.#asked && session.value) {
      this.#asked = asked;
      void this.#load();
    }
    this.#list.items.forEach(({ actor }) => this.#actors.set(actor.id, actor));
    if (this.isConnected && place.value.query.has('check')) {
      void this.#checkOnce();
    }
  }

  /** Anew as of now. */
  async #load(): Promise<void> {
    await this.#list.load(queryOf(new Date()));
    await this.updateComplete;
    if (document.activeElement === document.body) {
      // The link that was followed is gone with its entry.
      this.closest('main')?.focus({ preventScroll: true });
    }
  }

  /** A notification leads here to look at once: who loads the page again has looked. */
  async #checkOnce(): Promise<void> {
    // Not while this renders.
    await Promise.resolve();
    if (place.value.query.has('check')) {
      setQuery({ check: null });
      await this.#check();
    }
  }

  #check = async (): Promise<void> => {
    if (!document.querySelector('dialog[open]')) {
      await new CheckDialog().open();
    }
  };

  protected override render(): TemplateResult {
    return html`<div class="page">
      <header class="page-head">
        <div><h1>${t('frame.pages.activity')}</h1><p class="lead">${t('activity.lead')}</p></div>
        <div class="page-actions"><button type="button" class="button" @click=${this.#check}>${icon('review')}${t('activity.verify')}</button>
          <button type="button" class="icon-button" aria-label=${t('activity.reload')} title=${t('activity.reload')} @click=${() => void this.#load()}>${icon('refresh')}</button></div>
      </header>
      ${this.#content()}
    </div>`;
  }

  get #narrowed(): boolean {
    return FILTERS.some((name) => filterOf(name) !== '');
  }

  #content(): TemplateResult {
    const list = this.#list;
    const none = list.items.length === 0;
    if (none && list.loaded && !list.loading && !list.problem && !this.#narrowed) {
      return emptyState({ icon: 'activity', title: t('activity.empty.title'), body: t('activity.empty.body') });
    }
    return html`${this.#filters()}${this.#target()}
      ${none && list.problem ? errorState(list.problem, () => void list.load()) : !list.loaded || (none && list.loading) ? skeleton(6) : none ? emptyState({
        icon: 'search', title: t('activity.none.title'), body: t('activity.none.body'),
        action: html`<button type="button" class="button" @click=${this.#clear}>${t('elements.filters.clear')}</button>`,
      }) : html`${list.header()}${entriesByDay(list.items, list.loading)}${list.footer()}`}`;
  }

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #change = (name: string, value: string): void => setQuery(name === 'span' ? { span: value, from: null, to: null } : { [name]: value });

  #filters(): TemplateResult {
    const list = this.#list;
    const count = list.items.length;
    return filters({
      label: t('activity.filters'),
      selects: selects(this.#actors),
      change: this.#change,
      clear: this.#clear,
      more: isByDays() ? html`${this.#day('from')}${this.#day('to')}` : undefined,
      summary: !list.loaded || (list.problem && count === 0) ? undefined : t(list.hasMore ? 'activity.filter.first' : 'activity.filter.count', { count }),
    });
  }

  #day(name: 'from' | 'to'): TemplateResult {
    const value = filterOf(name);
    return html`<label class="filter"><span>${t(`activity.filter.${name}`)}</span>
      <input class="input" type="date" name=${name} .value=${value} max=${name === 'from' ? filterOf('to') || nothing : nothing} min=${name === 'to' ? filterOf('from') || nothing : nothing}
        data-narrowed=${value ? '' : nothing} @change=${(event: Event) => setQuery({ span: 'days', [name]: (event.target as HTMLInputElement).value })}></label>`;
  }

  /** One thing: by the name that its newest entry has. */
  #target(): TemplateResult | typeof nothing {
    const id = filterOf('targetId');
    const target = this.#list.items.find((entry) => entry.target.id === id)?.target;
    return !id ? nothing : html`<p class="chosen"><span>${t('activity.filter.only', { name: target?.name ?? id })}</span>
      <button type="button" class="icon-button icon-button-small" aria-label=${t('activity.filter.clearTarget')} title=${t('activity.filter.clearTarget')}
        @click=${() => setQuery({ targetId: null })}>${icon('close')}</button></p>`;
  }
}

define('lk-activity-page', ActivityPage);
