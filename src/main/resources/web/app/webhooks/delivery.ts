import { html, nothing, type TemplateResult } from 'lit';
import { signedTag, timeAgoInText, type StateLook } from '../elements/values.js';
import { Signal } from '../frame/signal.js';
import { isTextKey, rich, t } from '../texts/texts.js';

/** A delivery as the API tells of it, and how its parts look wherever they stand. */
export const STATES = ['pending', 'delivered', 'exhausted', 'cancelled'] as const;
export type DeliveryState = (typeof STATES)[number];

export interface Delivery {
  readonly id: string;
  /** As receivers know it. */
  readonly eventId: string;
  readonly eventType: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: string;
  readonly lastAttemptAt: string | null;
  /** null while it is being sent, while its webhook is switched off, and once its fate is known. */
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
}

export interface DeliveryFault {
  readonly code: string;
  /** What to do, in English. */
  readonly message: string;
}

/** Milliseconds; null for what was not reached or not needed. */
export interface DeliveryPhases {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
}

export interface Attempt {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly statusCode: number | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly truncated: boolean;
  readonly error: DeliveryFault | null;
  readonly phases: DeliveryPhases;
}

export interface DeliveryDetail extends Omit<Delivery, 'attempts' | 'lastStatus' | 'lastError'> {
  readonly webhookId: string;
  readonly request: { readonly url: string; readonly body: unknown };
  /** The earliest first; the last 200. */
  readonly attempts: readonly Attempt[];
}

/** A delivery as it was read last: lists show it anew. */
export const deliveryChanged = new Signal<DeliveryDetail | null>(null);

/** Counts how often many have changed at once: lists are read anew. */
export const deliveriesChanged = new Signal(0);

/**
 * As a list has it.
 *
 * @param before as the list had it: what keeps it from being tried at all is told there alone
 */
export function rowOf(detail: DeliveryDetail, before: Delivery): Delivery {
  const { webhookId: _webhook, request: _request, attempts, ...rest } = detail;
  const last = attempts.at(-1);
  return { ...rest, attempts: attempts.length, lastStatus: last?.statusCode ?? null, lastError: last ? last.error?.code ?? null : before.lastError };
}

/** It is sent in this moment, or as soon as there is room for it. */
export function isUnderWay({ state, nextAttemptAt }: Pick<Delivery, 'state' | 'nextAttemptAt'>): boolean {
  return state === 'pending' && (nextAttemptAt === null || Date.parse(nextAttemptAt) <= Date.now() + 1000);
}

const LOOKS: Record<DeliveryState, StateLook> = {
  pending: { tone: 'accent', icon: 'clock' },
  delivered: { tone: 'good', icon: 'check' },
  exhausted: { tone: 'danger', icon: 'error' },
  cancelled: { tone: undefined, icon: 'minus' },
};

/** Its word and sign, so that the colour says nothing alone. */
export function stateTag(state: DeliveryState): TemplateResult {
  return signedTag(state, t(`deliveries.state.${state}`), LOOKS[state]);
}

/** What comes next, or why nothing does; nothing where its state says all. */
export function prospect({ state, reason, nextAttemptAt }: Pick<Delivery, 'state' | 'reason' | 'nextAttemptAt'>, isActive: boolean): TemplateResult | typeof nothing {
  if (state === 'pending') {
    return nextAttemptAt && Date.parse(nextAttemptAt) > Date.now() ? rich('deliveries.next', { when: timeAgoInText(nextAttemptAt) })
      : html`${t(isActive ? 'deliveries.sending' : 'deliveries.waits')}`;
  }
  return reason ? html`${reasonText(reason)}` : nothing;
}

function reasonText(reason: string): string {
  const key = `deliveries.reason.${reason}`;
  return isTextKey(key) ? t(key) : reason;
}

/** How the last attempt ended, in few words: "HTTP 503", "No answer in time". */
export function outcomeText(status: number | null, error: string | null): string {
  if (error === null || error === 'http-status' || error === 'redirect') {
    return status === null ? '–' : t('deliveries.http', { status: String(status) });
  }
  return errorName(error);
}

export function errorName(code: string): string {
  const key = `deliveries.error.${code}`;
  return isTextKey(key) ? t(key) : code;
}
