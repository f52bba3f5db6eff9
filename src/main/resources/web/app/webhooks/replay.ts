import type { TemplateResult } from 'lit';
import { signedTag, type StateLook } from '../elements/values.js';
import { t } from '../texts/texts.js';

/** A replay as the API tells of it, and the spans of time that are offered. */
export const REPLAYED = ['exhausted', 'delivered', 'all'] as const;
export type ReplayedState = (typeof REPLAYED)[number];
export type ReplayStatus = 'running' | 'done' | 'cancelled';

export interface Replay {
  readonly id: string;
  readonly webhookId: string;
  readonly from: string;
  readonly to: string;
  readonly state: ReplayedState;
  readonly status: ReplayStatus;
  /** How many were put back into the queue so far. */
  readonly replayed: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

const HOUR_MILLIS = 3600_000;

/** Back from now, in hours. */
export const SPANS = { hour: 1, day: 24, week: 7 * 24 } as const;
export type SpanName = keyof typeof SPANS;

export function spanBegin(name: SpanName, now = Date.now()): Date {
  return new Date(now - SPANS[name] * HOUR_MILLIS);
}

const LOOKS: Record<ReplayStatus, StateLook> = {
  running: { tone: 'accent', icon: 'clock' },
  done: { tone: 'good', icon: 'check' },
  cancelled: { tone: undefined, icon: 'minus' },
};

/** Its word and sign, so that the colour says nothing alone. */
export function statusTag(status: ReplayStatus): TemplateResult {
  return signedTag(status, t(`deliveries.replay.status.${status}`), LOOKS[status]);
}
