import { isolated, locale, region, t } from './texts.js';

/** Dates, numbers and spans of time, as the person's language and region write them and in the zone of the browser. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function dates(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${region()} ${name}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(region(), options);
    formats.set(key, format);
  }
  return format;
}

/** 22 Nov 2026 */
export function date(at: string | Date): string {
  return dates('date', { dateStyle: 'medium' }).format(new Date(at));
}

/** 22 Nov 2026, 10:32 */
export function dateTime(at: string | Date): string {
  return dates('dateTime', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/** 22 November 2026 at 10:32:05 CET: nothing left open, for titles. */
export function exactTime(at: string | Date): string {
  return dates('exact', { dateStyle: 'long', timeStyle: 'long' }).format(new Date(at));
}

/** 10:32:05 */
export function time(at: string | Date): string {
  return dates('time', { timeStyle: 'medium' }).format(new Date(at));
}

/** 10:32 */
export function clock(at: string | Date): string {
  return dates('clock', { timeStyle: 'short' }).format(new Date(at));
}

/** "Today", "Yesterday", before that "Sunday 22 November 2026". */
export function dayName(at: string | Date, now: Date = new Date()): string {
  const midnight = (when: Date): number => new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
  const days = Math.round((midnight(new Date(at)) - midnight(now)) / (DAY * 1000));
  const name = days === 0 || days === -1 ? new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }).format(days, 'day')
    : dates('dayName', { dateStyle: 'full' }).format(new Date(at));
  return name.charAt(0).toLocaleUpperCase(region()) + name.slice(1);
}

/** Of a day of the calendar in UTC, which has no hour: 22 Nov, or 22 November 2026. */
export function dayOfUtc(at: string, how: 'short' | 'long'): string {
  return how === 'short'
    ? dates('day', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(at))
    : dates('wholeDay', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(at));
}

/** 10:00; at midnight the day, so that an axis tells which it is. */
export function hourOfDay(at: string): string {
  const when = new Date(at);
  return when.getHours() === 0 ? dates('dayOfHours', { day: 'numeric', month: 'short' }).format(when) : dates('hour', { hour: '2-digit', minute: '2-digit' }).format(when);
}

export function number(value: number): string {
  return new Intl.NumberFormat(region()).format(value);
}

/** 12K, for where there is little room. */
export function shortNumber(value: number): string {
  return new Intl.NumberFormat(region(), { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** 12.5 % of 0.125. */
export function percent(share: number): string {
  return new Intl.NumberFormat(region(), { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

/** "a, b and c" */
export function list(items: readonly string[]): string {
  return new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(items.map(isolated));
}

/** "3 hours ago", "in 5 days"; beyond 30 days the date. Stands for itself: see `agoInText`. */
export function ago(at: string | Date, now: Date = new Date()): string {
  return near(at, now) ?? date(at);
}

/** The same within a sentence: "el 22 nov 2026" in Spanish. */
export function agoInText(at: string | Date, now: Date = new Date()): string {
  return near(at, now) ?? t('elements.onDate', { date: date(at) });
}

/** null: too far away for anybody to count the days. */
function near(at: string | Date, now: Date): string | null {
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  const far = Math.abs(seconds);
  if (far >= 30 * DAY) {
    return null;
  }
  const format = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' });
  if (far < 45) {
    return seconds > 0 ? format.format(0, 'second') : t('elements.justNow');
  }
  if (far < 45 * MINUTE) {
    return format.format(Math.round(seconds / MINUTE), 'minute');
  }
  if (far < 22 * HOUR) {
    return format.format(Math.round(seconds / HOUR), 'hour');
  }
  return format.format(Math.round(seconds / DAY), 'day');
}

const UNITS: readonly [number, string][] = [[7 * DAY, 'week'], [DAY, 'day'], [HOUR, 'hour'], [MINUTE, 'minute'], [1, 'second']];

/** "15 minutes" of `PT15M`; what is no ISO 8601 duration stays as it is. */
export function duration(iso: string): string {
  const seconds = durationSeconds(iso);
  if (seconds === null) {
    return iso;
  }
  if (seconds === 0) {
    return unit(0, 'second');
  }
  const parts: string[] = [];
  let left = seconds;
  for (const [size, name] of UNITS) {
    // Weeks only where they come out even: nobody says "12 weeks and 6 days" for 90 days.
    const count = name === 'week' && left % size !== 0 ? 0 : Math.floor(left / size);
    if (count > 0) {
      parts.push(unit(count, name));
      left -= count * size;
    }
  }
  return list(parts);
}

function unit(count: number, name: string): string {
  return new Intl.NumberFormat(region(), { style: 'unit', unit: name, unitDisplay: 'long' }).format(count);
}

/** Seconds of an ISO 8601 duration without years and months, as the API writes them; null if it is none. */
export function durationSeconds(iso: string): number | null {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/.exec(iso);
  if (!found || iso === 'P' || iso.endsWith('T')) {
    return null;
  }
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return ((weeks! * 7 + days!) * 24 + hours!) * HOUR + minutes! * MINUTE + seconds!;
}
