import { html, nothing, svg, type TemplateResult } from 'lit';
import { ago, agoInText, date, dateTime, exactTime, list, number } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { icon, type IconName } from './icon.js';

/** How values look wherever they stand: times, keys, little charts. */

/** "3 hours ago", with the exact time to those who ask; `never` where there is none. */
export function timeAgo(at: string | null | undefined, never: string = t('elements.never')): TemplateResult {
  return at ? html`<time datetime=${at} title=${exactTime(at)}>${ago(at)}</time>` : html`<span class="muted">${never}</span>`;
}

/** The same within a sentence. */
export function timeAgoInText(at: string): TemplateResult {
  return html`<time datetime=${at} title=${exactTime(at)}>${agoInText(at)}</time>`;
}

/** The day, with the exact time to those who ask. */
export function onDate(at: string | null | undefined, never = '–'): TemplateResult {
  return at ? html`<time datetime=${at} title=${exactTime(at)}>${date(at)}</time>` : html`<span class="muted">${never}</span>`;
}

/** Day and time. */
export function atTime(at: string): TemplateResult {
  return html`<time datetime=${at} title=${exactTime(at)}>${dateTime(at)}</time>`;
}

/** The characters by which a key is recognized; the rest is masked, always in the same length. */
export function maskedKey(start: string): TemplateResult {
  return html`<code class="key" translate="no">${start}<span aria-hidden="true">••••</span><span class="visually-hidden">${t('elements.masked')}</span></code>`;
}

const WIDTH = 96;
const HEIGHT = 24;

export interface Spark {
  /** In order of time, without gaps. */
  readonly values: readonly number[];
  /** What they count and over which time, such as "requests in the last 30 days". */
  readonly label: string;
}

/** A line of numbers that shows a shape and no scale; screen readers get the sum. */
export function sparkline({ values, label }: Spark): TemplateResult {
  const most = Math.max(...values, 0);
  const sum = values.reduce((all, value) => all + value, 0);
  const said = `${label}: ${number(sum)}`;
  if (values.length < 2 || most === 0) {
    return html`<svg class="spark spark-empty" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${said}><title>${said}</title>
      ${svg`<path d="M0 ${HEIGHT - 1.5}H${WIDTH}"/>`}</svg>`;
  }
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, index) => `${(index * step).toFixed(1)} ${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`);
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${said}><title>${said}</title>
    ${svg`<path class="spark-area" d="M0 ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z"/><path d="M${points.join('L')}"/>`}</svg>`;
}

export interface Tag {
  readonly label: string;
  readonly tone?: 'good' | 'warning' | 'danger' | 'accent';
  readonly title?: string;
}

export function tag({ label, tone, title }: Tag): TemplateResult {
  return html`<span class="tag ${tone ? `tag-${tone}` : ''}" title=${title ?? nothing}>${label}</span>`;
}

/** How a state looks, wherever it stands. */
export interface StateLook {
  readonly tone: Tag['tone'];
  readonly icon: IconName;
}

/** The word and the sign of a state, so that the colour says nothing alone. */
export function signedTag(state: string, label: string, { tone, icon: sign }: StateLook): TemplateResult {
  return html`<span class="tag tag-state ${tone ? `tag-${tone}` : ''}" data-state=${state}>${icon(sign)}${label}</span>`;
}

const SHOWN = 2;

/** The first few and how many more there are; all of them to those who ask. */
export function few(items: readonly string[], mono: boolean): TemplateResult {
  const rest = items.slice(SHOWN);
  const shown = items.slice(0, SHOWN);
  return html`<span class=${mono ? 'few mono' : 'few'} translate="no" title=${items.join('\n')}>${shown.map((item, index) =>
    html`<span>${item}${!mono && index < shown.length - 1 ? ',' : ''}</span>`)}${rest.length > 0
    ? html`<span class="few-more" aria-hidden="true">${t('elements.few', { count: rest.length })}</span><span class="visually-hidden">${list(rest)}</span>` : nothing}</span>`;
}
