import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { table } from '../elements/table.js';
import { theme } from '../frame/theme.js';
import { number, shortNumber } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { EChart } from './echarts.js';

/** Counts of one kind, a number for each bucket. */
export interface Series {
  readonly name: string;
  readonly label: string;
  readonly values: readonly number[];
}

export interface Bucket {
  /** On the axis. */
  readonly label: string;
  /** Where there is room for all of it. */
  readonly title: string;
}

/** More bars than that are thinner than the gaps between them: then it is areas. */
const MOST_BARS = 100;

/**
 * Counts over time, stacked: `<lk-stacked-chart .buckets .series summary head>`. What it draws can be read as a table, too. The colour
 * of a series is that of the class `series-{name}`, so that the tokens decide, in light and dark.
 */
export class StackedChart extends PanelElement {
  static override properties = {
    buckets: { attribute: false }, series: { attribute: false }, summary: {}, head: {}, left: { state: true }, failed: { state: true }, opened: { state: true },
  };
  protected override readonly follows = [theme];
  declare buckets: readonly Bucket[];
  declare series: readonly Series[];
  /** What it shows, in words: all that screen readers say of the picture. */
  declare summary: string;
  /** What a row of the table is: an hour, a day. */
  declare head: string;
  /** The series that the person has taken out of the picture. */
  declare private left: ReadonlySet<string>;
  declare private failed: boolean;
  declare private opened: boolean;
  readonly #id = uniqueId('chart');
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  #chart: EChart | null = null;
  #observer: ResizeObserver | null = null;

  constructor() {
    super();
    this.buckets = [];
    this.series = [];
    this.summary = '';
    this.head = '';
    this.left = new Set();
    this.failed = false;
    this.opened = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#scheme.addEventListener('change', this.#draw);
    if (this.hasUpdated) {
      void this.#begin();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#scheme.removeEventListener('change', this.#draw);
    this.#observer?.disconnect();
    this.#chart?.dispose();
    this.#chart = null;
  }

  protected override firstUpdated(): void {
    void this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      const { init } = await import('./echarts.js');
      const place = this.querySelector<HTMLElement>('.chart');
      if (!this.isConnected || !place || this.#chart) {
        return;
      }
      this.#chart = init(place, null, { renderer: 'canvas' });
      this.#observer = new ResizeObserver(() => this.#chart?.resize());
      this.#observer.observe(place);
      this.#draw();
    } catch {
      // Another version was deployed meanwhile, or the connection failed: the table has the same numbers.
      this.failed = true;
      this.opened = true;
    }
  }

  protected override updated(): void {
    this.#draw();
  }

  /** What stands in the picture, as ECharts has it. */
  get drawn(): readonly { readonly name: string; readonly data: readonly number[] }[] {
    return (this.#chart?.getOption()['series'] as { name: string; data: number[] }[] | undefined ?? []).map(({ name, data }) => ({ name, data }));
  }

  #colour(name: string): string {
    const probe = document.createElement('span');
    probe.className = name;
    this.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  get #shown(): readonly Series[] {
    return this.series.filter((series) => !this.left.has(series.name));
  }

  #draw = (): void => {
    if (!this.#chart) {
      return;
    }
    const [ink, line] = [this.#colour('chart-ink'), this.#colour('chart-line')];
    const bars = this.buckets.length <= MOST_BARS;
    const label = { color: ink, fontFamily: getComputedStyle(this).fontFamily, fontSize: 12 };
    this.#chart.setOption({
      animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      animationDuration: 250,
      grid: { left: 4, right: 4, top: 12, bottom: 2, containLabel: true },
      xAxis: {
        type: 'category', data: this.buckets.map((bucket) => bucket.label), boundaryGap: bars,
        axisLabel: { ...label, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: line } },
      },
      yAxis: {
        type: 'value', minInterval: 1, splitNumber: 4, splitLine: { lineStyle: { color: line } },
        axisLabel: { ...label, formatter: (value: number) => shortNumber(value) },
      },
      tooltip: {
        trigger: 'axis', confine: true, transitionDuration: 0, padding: 0, borderWidth: 0, backgroundColor: 'transparent', extraCssText: 'box-shadow: none',
        axisPointer: { type: bars ? 'shadow' : 'line', lineStyle: { color: ink } },
        // An element and no text: what ECharts would make of a text has inline styles, which the policy forbids.
        formatter: (points: readonly { dataIndex: number }[]) => this.#tip(points[0]?.dataIndex ?? 0),
      },
      series: this.#shown.map(({ name, label: said, values }) => {
        const colour = this.#colour(`series-${name}`);
        return {
          name: said, data: [...values], stack: 'all', itemStyle: { color: colour }, emphasis: { disabled: true },
          ...(bars ? { type: 'bar', barMaxWidth: 28, barCategoryGap: '25%' }
            : { type: 'line', showSymbol: false, lineStyle: { width: 1, color: colour }, areaStyle: { color: colour, opacity: 0.85 } }),
        };
      }),
    }, { notMerge: true });
  };

  #tip(index: number): HTMLElement {
    const tip = document.createElement('div');
    tip.className = 'chart-tip';
    tip.append(Object.assign(document.createElement('strong'), { textContent: this.buckets[index]?.title ?? '' }));
    for (const series of this.#shown.filter(({ values }, at) => at === 0 || values[index])) {
      const row = document.createElement('span');
      row.append(Object.assign(document.createElement('i'), { className: `swatch series-${series.name}` }),
        Object.assign(document.createElement('span'), { textContent: series.label }),
        Object.assign(document.createElement('b'), { textContent: number(series.values[index] ?? 0) }));
      tip.append(row);
    }
    return tip;
  }

  #toggle(name: string): void {
    const left = new Set(this.left);
    if (!left.delete(name)) {
      left.add(name);
    }
    this.left = left;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="chart" role="img" aria-label=${this.summary} ?hidden=${this.failed}></div>
      ${this.failed ? html`<p class="help">${t('elements.chart.failed')}</p>` : nothing}
      <div class="legend" role="group" aria-label=${t('elements.chart.legend')}>${this.series.map((series) => html`<button type="button" class="legend-item"
        aria-pressed=${this.left.has(series.name) ? 'false' : 'true'} @click=${() => this.#toggle(series.name)}>
        <i class="swatch series-${series.name}"></i>${series.label} <b>${number(sum(series.values))}</b></button>`)}</div>
      <div class="chart-numbers"><button type="button" class="link-button" aria-expanded=${this.opened ? 'true' : 'false'} aria-controls=${this.#id}
          @click=${() => { this.opened = !this.opened; }}>${icon(this.opened ? 'down' : 'right')}${t('elements.chart.table')}</button>
        <div id=${this.#id} ?hidden=${!this.opened}>${this.opened ? this.#table() : nothing}</div></div>`;
  }

  #table(): TemplateResult {
    const rows = this.buckets.map((bucket, index) => ({ ...bucket, index })).filter(({ index }) => this.series.some(({ values }) => values[index]));
    return html`<div class="chart-rows" tabindex="0" role="region" aria-label=${this.summary}>${table({
      caption: this.summary,
      columns: [
        { head: this.head, names: true, cell: ({ title }) => title },
        ...this.series.map((series) => ({ head: series.label, align: 'end' as const, cell: ({ index }: { index: number }) => number(series.values[index] ?? 0) })),
      ],
      rows: rows.reverse(),
      key: ({ index }) => index,
    })}</div><p class="help">${t('elements.chart.leftOut')}</p>`;
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

define('lk-stacked-chart', StackedChart);
