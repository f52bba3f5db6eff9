import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { errorState, problemBanner, skeleton } from '../elements/states.js';
import { table } from '../elements/table.js';
import { timeAgo } from '../elements/values.js';
import { may, session } from '../frame/session.js';
import { stores } from '../frame/stores.js';
import { recipesFor } from '../recipes/recipe.js';
import { t } from '../texts/texts.js';
import { verdictTag } from './verdicts.js';

interface Sample {
  readonly at: string;
  readonly code: string;
  readonly method: string | null;
  readonly path: string | null;
  readonly store: string | null;
  readonly ip: string | null;
}

interface Recent {
  readonly accepted: readonly Sample[];
  readonly refused: readonly Sample[];
}

const WHICH = ['all', 'accepted', 'refused'] as const;
const AT_FIRST = 8;

/** The last requests that a key made, accepted and refused ones. */
export class KeyRecent extends PanelElement {
  static override properties = { keyId: { attribute: false }, recent: { state: true }, problem: { state: true }, which: { state: true }, whole: { state: true } };
  protected override readonly follows = [stores, session];
  declare keyId: string;
  declare private recent: Recent | null;
  declare private problem: Problem | null;
  declare private which: (typeof WHICH)[number];
  declare private whole: boolean;
  readonly #id = uniqueId('recent');
  #asked = '';

  constructor() {
    super();
    this.recent = null;
    this.problem = null;
    this.which = 'all';
    this.whole = false;
  }

  protected override willUpdate(): void {
    if (this.keyId !== this.#asked) {
      this.#asked = this.keyId;
      this.recent = null;
      void this.#load();
    }
  }

  async #load(): Promise<void> {
    const asked = this.keyId;
    const answer = await api.get<Recent>(`/keys/${asked}/recent`);
    if (asked === this.keyId) {
      this.recent = answer.ok ? answer.value : this.recent;
      this.problem = answer.ok ? null : answer.problem;
    }
  }

  protected override render(): TemplateResult {
    return html`<section class="key-section" aria-labelledby=${this.#id}>
      <header class="section-head"><div><h2 id=${this.#id}>${t('keys.recent')}</h2><p class="help">${t('keys.recent.lead')}</p></div>
        <div class="section-controls"><div class="segments" role="group" aria-label=${t('keys.recent.which')}>${WHICH.map((which) => html`<button type="button"
          aria-pressed=${which === this.which ? 'true' : 'false'} @click=${() => { this.which = which; }}>${t(`keys.recent.${which}`)}</button>`)}</div>
          <button type="button" class="icon-button" aria-label=${t('keys.recent.reload')} title=${t('keys.recent.reload')} @click=${() => void this.#load()}>${icon('refresh')}</button></div>
      </header>${this.#content()}</section>`;
  }

  #content(): TemplateResult {
    const { recent, which } = this;
    if (!recent) {
      return this.problem ? errorState(this.problem, () => void this.#load()) : skeleton(3);
    }
    const samples = [...(which === 'refused' ? [] : recent.accepted), ...(which === 'accepted' ? [] : recent.refused)].sort((one, other) => (one.at < other.at ? 1 : -1));
    const failed = this.problem ? problemBanner(this.problem, () => void this.#load()) : nothing;
    if (samples.length === 0) {
      return html`${failed}<p class="section-none">${t(`keys.recent.none.${which}`)}</p>
        ${which === 'all' && may('keys:write') ? recipesFor(['orders-from-a-channel'], t('recipes.help.key')) : nothing}`;
    }
    return html`${failed}${table<Sample>({
      caption: t('keys.recent'),
      columns: [
        { head: t('keys.recent.at'), names: true, cell: (sample) => timeAgo(sample.at) },
        { head: t('keys.recent.verdict'), cell: (sample) => verdictTag(sample.code) },
        { head: t('keys.recent.request'), cell: (sample) => (sample.path || sample.method
          ? html`<code class="request">${[sample.method, sample.path].filter(Boolean).join(' ')}</code>` : html`<span class="muted">${t('keys.recent.untold')}</span>`) },
        { head: t('keys.recent.store'), cell: (sample) => (sample.store ? html`<span translate="no">${storeLabel(sample.store)}</span>` : html`<span class="muted">–</span>`) },
        { head: t('keys.recent.from'), cell: (sample) => (sample.ip ? html`<code>${sample.ip}</code>` : html`<span class="muted">–</span>`) },
      ],
      rows: this.whole ? samples : samples.slice(0, AT_FIRST),
      key: (sample) => sample,
    })}
      ${!this.whole && samples.length > AT_FIRST ? html`<div class="list-more"><button type="button" class="button" @click=${() => { this.whole = true; }}>${t('elements.more')}</button></div>` : nothing}`;
  }
}

function storeLabel(idOrKey: string): string {
  return stores.value?.find((store) => store.id === idOrKey || store.key === idOrKey)?.name ?? idOrKey;
}

define('lk-key-recent', KeyRecent);
