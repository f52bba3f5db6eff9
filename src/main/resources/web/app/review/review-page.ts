import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { api, type Page } from '../api/client.js';
import { define, PanelElement } from '../elements/element.js';
import { filters } from '../elements/filters.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { maskedKey, timeAgoInText } from '../elements/values.js';
import { place, setQuery } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { byPlatform, stores } from '../frame/stores.js';
import { takesChanges, type Change } from '../keys/actions.js';
import { recipesFor } from '../recipes/recipe.js';
import { inLanguage, rich, t } from '../texts/texts.js';
import { deedOf, ICONS, identity, isReason, REASONS, spoken, type Finding } from './finding.js';
import { mend } from './mend.js';

const FILTERS = ['reason', 'store'] as const;
const SHOWN = 100;

interface Group {
  readonly key: string;
  readonly heading: TemplateResult | string;
  readonly why: string | TemplateResult;
  readonly icon: TemplateResult;
  readonly findings: readonly Finding[];
}

/** Which keys are worth a look, and one click to mend each. */
class ReviewPage extends PanelElement {
  static override properties = { busy: { state: true } };
  protected override readonly follows = [place, session, stores];
  /** The finding that is being mended. */
  declare private busy: string | null;
  readonly #list = new List<Finding>(this, '/keys/review', SHOWN, inLanguage);
  /** The last change of each key: what was asked for before is of before. */
  readonly #changes = new Map<string, Change>();

  constructor() {
    super();
    this.busy = null;
    takesChanges(this, (change) => void this.#take(change));
  }

  #filter(name: (typeof FILTERS)[number]): string {
    return place.value.query.get(name) ?? '';
  }

  get #byKey(): boolean {
    return place.value.query.get('group') === 'key';
  }

  protected override willUpdate(): void {
    if (session.value) {
      this.#list.ask(Object.fromEntries(FILTERS.map((name) => [name, this.#filter(name)])));
    }
  }

  protected override updated(): void {
    const list = this.#list;
    // A page may hold nothing and not be the last: many keys were looked at for it.
    if (list.loaded && !list.loading && !list.problem && list.items.length === 0 && list.hasMore) {
      void list.more();
    }
  }

  /** One call can mend several findings of a key, and an undone one brings its own back: what is left is asked for. */
  async #take(change: Change): Promise<void> {
    const id = change.kind === 'deleted' ? change.id : change.key.id;
    this.#changes.set(id, change);
    if (change.kind === 'deleted') {
      this.#list.remove((finding) => finding.key.id === id);
      return;
    }
    const { asked } = this.#list;
    const query = { key: id, limit: 50, ...Object.fromEntries(FILTERS.map((name) => [name, this.#filter(name)])) };
    const answer = await api.get<Page<Finding>>('/keys/review', query, { headers: inLanguage() });
    if (answer.ok && asked === this.#list.asked && change === this.#changes.get(id)) {
      this.#list.replaceAll((finding) => finding.key.id === id, answer.value.items);
    }
  }

  async #mend(finding: Finding): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = identity(finding);
    try {
      if (await mend(finding)) {
        this.#list.remove((other) => identity(other) === identity(finding));
        await this.updateComplete;
        if (document.activeElement === document.body || document.activeElement === null) {
          // The button that had the focus is gone with its finding.
          this.closest('main')?.focus({ preventScroll: true });
        }
      }
    } finally {
      this.busy = null;
    }
  }

  /** A page may end amid a key whose findings were all brought when one was mended: what it goes on with is shown once. */
  get #findings(): readonly Finding[] {
    return [...new Map(this.#list.items.map((finding) => [identity(finding), finding])).values()];
  }

  protected override render(): TemplateResult {
    return html`<div class="page">
      <header class="page-head"><div><h1>${t('frame.pages.review')}</h1><p class="lead">${t('review.lead')}</p></div></header>
      ${this.#content()}
    </div>`;
  }

  get #narrowed(): boolean {
    return FILTERS.some((name) => this.#filter(name));
  }

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #content(): TemplateResult {
    const list = this.#list;
    const failed = list.items.length === 0 ? list.problem : null;
    const searching = !failed && (!list.loaded || (list.items.length === 0 && (list.loading || list.hasMore)));
    if (!failed && !searching && list.items.length === 0 && !this.#narrowed) {
      return html`${emptyState({ icon: 'check', title: t('review.empty.title'), body: t('review.empty.body') })}${report()}`;
    }
    return html`${this.#filters()}
      ${failed ? errorState(failed, () => void list.load()) : searching ? skeleton(6) : list.items.length === 0 ? emptyState({
        icon: 'check', title: t('review.none.title'), body: t('review.none.body'),
        action: html`<button type="button" class="button" @click=${this.#clear}>${t('elements.filters.clear')}</button>`,
      }) : html`${list.header()}<div class="findings" aria-busy=${list.loading ? 'true' : 'false'}>${repeat(this.#groups(), (group) => group.key, (group) => this.#group(group))}</div>
        ${list.footer()}${report()}`}`;
  }

  #filters(): TemplateResult {
    const list = this.#list;
    const count = this.#findings.length;
    return filters({
      label: t('review.filters'),
      selects: [
        { name: 'reason', label: t('review.filters.reason'), value: this.#filter('reason'),
          options: [{ value: '', label: t('keys.filters.any') }, ...REASONS.map((reason) => ({ value: reason, label: t(`review.reason.${reason}`) }))] },
        { name: 'store', label: t('keys.filters.store'), value: this.#filter('store'),
          options: [{ value: '', label: t('keys.filters.any') }, ...byPlatform([...(stores.value ?? [])]).flatMap((group) =>
            group.stores.map((store) => ({ value: store.key, label: store.name, group: group.label })))] },
        { name: 'group', label: t('review.group'), value: this.#byKey ? 'key' : '',
          options: [{ value: '', label: t('review.group.reason') }, { value: 'key', label: t('review.group.key') }] },
      ],
      change: (name, value) => setQuery({ [name]: value }),
      clear: () => { this.#clear(); setQuery({ group: null }); },
      summary: !list.loaded || list.loading || list.problem ? undefined : list.hasMore ? t('review.first', { count }) : t('review.count', { count }),
    });
  }

  #groups(): Group[] {
    const groups = new Map<string, Finding[]>();
    for (const finding of this.#findings) {
      const name = this.#byKey ? finding.key.id : finding.reason;
      groups.set(name, [...(groups.get(name) ?? []), finding]);
    }
    if (this.#byKey) {
      return [...groups].map(([key, findings]) => ({
        key, findings, icon: icon('key'), heading: keyLink(findings[0]!), why: useOf(findings[0]!),
      }));
    }
    // A reason that is newer than this page comes last, by its code.
    const rank = (reason: string): number => (isReason(reason) ? REASONS.indexOf(reason) : REASONS.length);
    return [...groups].sort(([one], [other]) => rank(one) - rank(other)).map(([reason, findings]) => ({
      key: reason,
      findings,
      icon: icon(isReason(reason) ? ICONS[reason] : 'review'),
      heading: isReason(reason) ? t(`review.reason.${reason}`) : reason,
      why: isReason(reason) ? t(`review.why.${reason}`) : '',
    }));
  }

  #group({ key, heading, why, icon: sign, findings }: Group): TemplateResult {
    const id = `findings-${key}`;
    return html`<section class="finding-group" aria-labelledby=${id} data-group=${key}>
      <header><span class="finding-icon">${sign}</span><div><h2 id=${id}>${heading} <span class="count">${findings.length}</span></h2><p class="help">${why}</p></div></header>
      <ul>${repeat(findings, identity, (finding) => this.#finding(finding))}</ul></section>`;
  }

  #finding(finding: Finding): TemplateResult {
    const busy = this.busy === identity(finding);
    const said = t(`review.do.${deedOf(finding)}`);
    return html`<li class="finding" data-reason=${finding.reason} aria-busy=${busy ? 'true' : 'false'}>
      <div class="finding-key">${this.#byKey
        ? html`<strong>${isReason(finding.reason) ? t(`review.reason.${finding.reason}`) : finding.reason}</strong>`
        : html`${keyLink(finding)}<span class="key-note">${useOf(finding)}</span>`}</div>
      <div class="finding-said"><p>${spoken(finding.detail)}</p><p class="help">${rich('review.advice', { advice: finding.action.description })}</p></div>
      ${finding.action.allowed ? html`<button type="button" class="button button-small" aria-label=${t('review.doOf', { action: said, name: finding.key.name })}
        aria-busy=${busy ? 'true' : 'false'} @click=${() => void this.#mend(finding)}>${said}</button>` : nothing}
    </li>`;
  }
}

/** What looks by itself. */
function report(): TemplateResult | typeof nothing {
  return may('keys:write') ? recipesFor(['nightly-report'], t('recipes.help.review')) : nothing;
}

function keyLink({ key }: Finding): TemplateResult {
  return html`<span class="finding-name"><a href="/keys/${key.id}" translate="no">${key.name}</a> ${maskedKey(key.start)}</span>`;
}

function useOf({ key }: Finding): TemplateResult {
  return key.lastUsedAt ? rich('review.used', { when: timeAgoInText(key.lastUsedAt) }) : rich('review.unused', { when: timeAgoInText(key.createdAt) });
}

define('lk-review-page', ReviewPage);
