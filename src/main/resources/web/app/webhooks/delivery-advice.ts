import { duration } from '../texts/format.js';
import { isTextKey, locale, t } from '../texts/texts.js';
import type { DeliveryFault } from './delivery.js';

/** What an attempt was, as far as a sentence about it needs it. */
export interface Tried {
  readonly url: string;
  readonly status: number | null;
  readonly durationMs: number;
}

/** Statuses that have a sentence of their own; others have one for their hundred, or the general one. */
const ALIKE: Readonly<Record<number, number>> = { 400: 422, 403: 401, 405: 404 };

/**
 * What went wrong and what to do about it. The API's own sentence knows most, to those who read English; to others the same is
 * said by the code.
 */
export function adviceOf({ code, message }: DeliveryFault, tried: Tried): string {
  if (locale.value === 'en' && message && message !== code) {
    return message;
  }
  const key = `deliveries.advice.${code === 'http-status' ? statusName(tried.status ?? 0) : code}`;
  const { host, authority, port } = placeOf(tried.url);
  return isTextKey(key)
    ? t(key, { host, authority, port, status: String(tried.status ?? ''), time: duration(`PT${Math.max(1, Math.round(tried.durationMs / 1000))}S`) })
    : message;
}

function statusName(status: number): string {
  const alike = ALIKE[status] ?? status;
  return isTextKey(`deliveries.advice.${alike}`) ? String(alike) : status >= 500 ? '5xx' : 'other';
}

function placeOf(url: string): { readonly host: string; readonly authority: string; readonly port: string } {
  try {
    const { hostname, host, port, protocol } = new URL(url);
    return { host: hostname, authority: host, port: port || (protocol === 'http:' ? '80' : '443') };
  } catch {
    return { host: url, authority: url, port: '' };
  }
}
