import { html, nothing, type TemplateResult } from 'lit';
import type { Form } from '../elements/form.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';

/** When a key ends: never, after a usual span, or at the end of a day. */
export const PRESETS = ['P30D', 'P90D', 'P365D'] as const;
export type Preset = (typeof PRESETS)[number];
export type Expiry = 'never' | Preset | 'date';

export interface ExpiryDraft {
  readonly expiry: Expiry;
  /** Reckoned when it is chosen and not when it is sent: what is sent again after a failure is the same request. */
  readonly expiresAt: string | null;
  /** The day that was chosen, in the person's zone. */
  readonly expiresOn: string;
}

const NO_DAY = 'no day';
const DAYS: Record<Preset, number> = { P30D: 30, P90D: 90, P365D: 365 };

/** A preset that is chosen now. */
export function expiryOf(expiry: 'never' | Preset): ExpiryDraft {
  if (expiry === 'never') {
    return { expiry, expiresAt: null, expiresOn: '' };
  }
  const at = new Date();
  at.setDate(at.getDate() + DAYS[expiry]);
  at.setSeconds(0, 0);
  return { expiry, expiresAt: at.toISOString().replace('.000Z', 'Z'), expiresOn: dayOf(at) };
}

/** An instant that stands already; it stays to the microsecond unless another day is chosen. */
export function instantOf(at: string | null): ExpiryDraft {
  return at ? { expiry: 'date', expiresAt: at, expiresOn: dayOf(new Date(at)) } : expiryOf('never');
}

/** What is no day is sent as such, to be refused: it must not become `never`. */
function onDay(day: string): ExpiryDraft {
  const [year, month, date] = day.split('-').map(Number);
  const end = new Date(year!, (month ?? NaN) - 1, date ?? NaN, 23, 59, 59);
  return { expiry: 'date', expiresAt: Number.isNaN(end.getTime()) ? NO_DAY : end.toISOString().replace('.000Z', 'Z'), expiresOn: day };
}

function dayOf(at: Date): string {
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** Presets and a day; beneath, what comes of it. */
export function expiryField<D extends ExpiryDraft>(form: Form<D>, mayBeNever = true): TemplateResult {
  const { expiry, expiresAt, expiresOn } = form.draft;
  const choose = (wanted: Expiry): void => form.set((wanted === 'date'
    ? onDay(expiresOn || dayOf(new Date(Date.now() + 30 * 86400_000))) : expiryOf(wanted)) as unknown as Partial<D>);
  const options: Expiry[] = [...(mayBeNever ? ['never' as const] : []), ...PRESETS, 'date'];
  return form.field({
    name: 'expiresAt',
    label: t('keys.form.expiry'),
    help: expiresAt === NO_DAY ? t('keys.expiry.noDay') : expiresAt ? t('keys.expiry.until', { when: dateTime(expiresAt) }) : t('keys.expiry.neverHelp'),
    control: ({ id, describedBy, invalid }) => html`<div class="input-row input-row-wrap">
      <select class="input input-short" id=${id} name="expiry" aria-describedby=${describedBy} aria-invalid=${invalid}
        @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Expiry)}>
        ${options.map((each) => html`<option value=${each} .selected=${each === expiry}>${t(`keys.expiry.${each}`)}</option>`)}</select>
      ${expiry === 'date' ? html`<input class="input input-short" type="date" name="expiresOn" aria-label=${t('keys.expiry.day')} .value=${expiresOn}
        @input=${(event: Event) => form.set(onDay((event.target as HTMLInputElement).value) as unknown as Partial<D>)}>` : nothing}</div>`,
  });
}
