import { html, type TemplateResult } from 'lit';
import { durationSeconds } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { Form, Tied } from './form.js';

/** Spans of time, limits and lists as they are typed, and what is sent of them. What is wrong with them, the API says. */
export type Unit = 'second' | 'minute' | 'hour' | 'day';
export const UNITS: readonly Unit[] = ['second', 'minute', 'hour', 'day'];
const SECONDS: Readonly<Record<Unit, number>> = { second: 1, minute: 60, hour: 3600, day: 86400 };

/** So many requests in a window. */
export interface LimitDraft {
  readonly requests: string;
  readonly window: string;
  readonly unit: Unit;
}

/** A window in the largest unit in which it is a whole number. */
export function windowOf(iso: string): Pick<LimitDraft, 'window' | 'unit'> {
  const seconds = durationSeconds(iso) ?? 0;
  const unit = [...UNITS].reverse().find((each) => seconds > 0 && seconds % SECONDS[each] === 0) ?? 'second';
  return { window: String(seconds / SECONDS[unit]), unit };
}

/** As the API wants it; what is no number goes as it was typed, to be refused. */
export function limitOf({ requests, window, unit }: LimitDraft): { readonly limit: number | string; readonly window: string } {
  return { limit: numeric(requests), window: spanOf(window, unit) };
}

/** An ISO 8601 duration of a number and its unit; what is no number goes as it was typed, to be refused. */
export function spanOf(text: string, unit: Unit): string {
  const count = numeric(text);
  return typeof count === 'number' ? `PT${count * SECONDS[unit]}S` : text;
}

/** Whole days of an ISO 8601 duration. */
export function daysOf(iso: string): string {
  return String((durationSeconds(iso) ?? 0) / SECONDS.day);
}

/** One entry a line, or behind commas as people paste them. */
export function lines(text: string): string[] {
  return text.split(/[\n,;]/).map((line) => line.trim()).filter(Boolean);
}

function numeric(text: string): number | string {
  const value = Number(text.trim());
  return text.trim() !== '' && Number.isFinite(value) ? value : text;
}

/** The three controls of a limit in a row. */
export function limitInputs<D extends LimitDraft>(form: Form<D>, { describedBy, invalid }: Tied, readonly = false): TemplateResult {
  const { requests, window, unit } = form.draft;
  const set = (change: Partial<LimitDraft>): void => form.set(change as Partial<D>);
  const typed = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;
  return html`<div class="input-row input-row-wrap">
    <input class="input input-number" inputmode="numeric" name="requests" autocomplete="off" aria-label=${t('elements.limit.requests')} aria-invalid=${invalid}
      aria-describedby=${describedBy} ?readonly=${readonly} .value=${requests} @input=${(event: Event) => set({ requests: typed(event) })}>
    <span>${t('elements.limit.in')}</span>
    <input class="input input-number" inputmode="numeric" name="window" autocomplete="off" aria-label=${t('elements.limit.window')} aria-invalid=${invalid}
      aria-describedby=${describedBy} ?readonly=${readonly} .value=${window} @input=${(event: Event) => set({ window: typed(event) })}>
    <select class="input input-short" name="unit" aria-label=${t('elements.limit.unit')} ?disabled=${readonly} @change=${(event: Event) => set({ unit: typed(event) as Unit })}>
      ${UNITS.map((each) => html`<option value=${each} .selected=${each === unit}>${t(`elements.units.${each}`)}</option>`)}</select></div>`;
}
