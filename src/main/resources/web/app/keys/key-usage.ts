import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { sum, type Bucket, type Series } from '../charts/stacked-chart.js';
import '../charts/stacked-chart.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, problemBanner, skeleton } from '../elements/states.js';
import { place, setQuery } from '../frame/router.js';
import { stores } from '../frame/stores.js';
import { dateTime, dayOfUtc, hourOfDay, number, percent } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { Key } from './key.js';
import { usedTables, type Used } from './key-used.js';
import { ACCEPTED, inOrder, verdictText } from './verdicts.js';

type Step = 'hour' | 'day';

interface Usage {
  /** What was asked for: another period may be chosen by now. */
  readonly period: Period;
  readonly bucket: Step;
  readonly series: readonly { readonly at: string; readonly counts: Readonly<Record<string, number>> }[];
  readonly scopesUsed: readonly Used[];
  readonly methodsUsed: readonly Used[];
  readonly storesUsed: readonly Used[];
}

/** How far back, and by which steps that still reads as a picture; the first is the usual one. */
const PERIODS = { '1': ['hour'], '7': ['hour', 'day'], '30': ['day', 'hour'], '90': ['day'], '365': ['day'] } as const satisfies Record<string, readonly Step[]>;
type Period = keyof typeof PERIODS;
const NAMES = ['1', '7', '30', '90', '365'] as const satisfies readonly Period[];
const USUAL: Period = '30';

const HOUR_MILLIS = 3600_000;

/** How often a key was asked for, by verdict, and what it was really used for. The time that is looked at stands in the address. */
export class KeyUsage extends PanelElement {
  static override properties = { of: { attribute: false }, usage: { state: true }, problem: { state: true }, loading: { state: true } };
  protected override readonly follows = [place, stores];
  declare of: Key;
  declare private usage: Usage | null;
  declare private problem: Problem | null;
  declare private loading: boolean;
  readonly #id = uniqueId('usage');
  #asked = '';
  #running: AbortController | null = null;

  constructor() {
    super();
    this.usage = null;
    this.problem = null;
    this.loading = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#running?.abort();
  }

  get #period(): Period {
    return NAMES.find((name) => name === place.value.query.get('days')) ?? USUAL;
  }

  get #step(): Step {
    const steps: readonly Step[] = PERIODS[this.#period];
    return steps.find((step) => step === place.value.query.get('by')) ?? steps[0]!;
  }

  protected override willUpdate(): void {
    const asked = `${this.of.id} ${this.#period} ${this.#step}`;
    if (asked !== this.#asked) {
      this.#asked = asked;
      void this.#load();
    }
  }

  async #load(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.loading = true;
    const period = this.#period;
    const step = this.#step;
    // The step that has begun is one of them.
    const before = Number(period) * 24 * HOUR_MILLIS - (step === 'hour' ? 1 : 24) * HOUR_MILLIS;
    try {
      const answer = await api.get<Omit<Usage, 'period'>>(`/keys/${this.of.id}/usage`, { from: new Date(Date.now() - before).toISOString(), bucket: step }, { signal: running.signal });
      if (running.signal.aborted) {
        return;
      }
      // What counts another time does not stand beneath the one that was chosen.
      this.usage = answer.ok ? { ...answer.value, period } : this.usage?.period === period && this.usage.bucket === step ? this.usage : null;
      this.problem = answer.ok ? null : answer.problem;
      this.loading = false;
    } catch (fault) {
      if (!running.signal.aborted) {
        throw fault;
      }
    }
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card key-section" aria-labelledby=${this.#id} aria-busy=${this.loading ? 'true' : 'false'}>
        <header class="section-head"><h2 id=${this.#id}>${t('keys.usage')}</h2>${this.#controls()}</header>
        ${this.#content()}</section>
      ${this.usage ? usedTables(this.of, this.usage, said(this.usage)) : nothing}`;
  }

  #controls(): TemplateResult {
    const steps: readonly Step[] = PERIODS[this.#period];
    return html`<div class="section-controls">
      <label class="visually-hidden" for="${this.#id}-period">${t('keys.usage.period')}</label>
      <select class="input input-compact" id="${this.#id}-period" name="days"
        @change=${(event: Event) => setQuery({ days: (event.target as HTMLSelectElement).value, by: null })}>
        ${NAMES.map((name) => html`<option value=${name} .selected=${name === this.#period}>${t(`keys.usage.period.${name}`)}</option>`)}</select>
      <div class="segments" role="group" aria-label=${t('keys.usage.step')}>${(['hour', 'day'] as const).map((step) => html`<button type="button"
        aria-pressed=${step === this.#step ? 'true' : 'false'} ?disabled=${!steps.includes(step)} @click=${() => setQuery({ by: step })}>${t(`keys.usage.by.${step}`)}</button>`)}</div>
      <button type="button" class="icon-button" aria-label=${t('keys.usage.reload')} title=${t('keys.usage.reload')} @click=${() => void this.#load()}>${icon('refresh')}</button>
    </div>`;
  }

  #content(): TemplateResult {
    const { usage } = this;
    if (!usage) {
      return this.problem ? errorState(this.problem, () => void this.#load()) : skeleton(4);
    }
    const failed = this.problem ? problemBanner(this.problem, () => void this.#load()) : nothing;
    const codes = inOrder(new Set([ACCEPTED, ...usage.series.flatMap(({ counts }) => Object.keys(counts))]));
    const series: Series[] = codes.map((code) => ({ name: code, label: verdictText(code), values: usage.series.map(({ counts }) => counts[code] ?? 0) }));
    const totals = series.map(({ values }) => sum(values));
    const accepted = totals[0]!;
    const refused = sum(totals.slice(1));
    if (accepted + refused === 0) {
      return html`${failed}${emptyState({ icon: 'clock', title: t('keys.usage.none'), body: this.of.lastUsedAt ? t('keys.usage.noneBody') : t('keys.usage.neverBody') })}`;
    }
    const summary = t('keys.usage.summary', { period: said(usage), accepted: number(accepted), refused: number(refused) });
    return html`${failed}
      <dl class="stats"><div><dt>${t('keys.usage.accepted')}</dt><dd data-stat="accepted">${number(accepted)}</dd></div>
        <div><dt>${t('keys.usage.refused')}</dt><dd data-stat="refused">${number(refused)}</dd></div>
        <div><dt>${t('keys.usage.share')}</dt><dd data-stat="share">${percent(refused / (accepted + refused))}</dd></div></dl>
      <lk-stacked-chart .buckets=${usage.series.map(({ at }) => bucketOf(at, usage.bucket))} .series=${series} .summary=${summary}
        .head=${t(`keys.usage.head.${usage.bucket}`)}></lk-stacked-chart>
      <p class="help">${usage.bucket === 'day' ? t('keys.usage.utc') : t('keys.usage.local')}</p>`;
  }
}

function said({ period }: Usage): string {
  return t(`keys.usage.in.${period}`);
}

function bucketOf(at: string, step: Step): Bucket {
  return step === 'day' ? { label: dayOfUtc(at, 'short'), title: dayOfUtc(at, 'long') } : { label: hourOfDay(at), title: dateTime(at) };
}

define('lk-key-usage', KeyUsage);
