import type { Organization } from '../api/types.js';
import { durationSeconds } from '../texts/format.js';

/** The settings as they are typed: numbers are texts until they are sent, durations a number and a unit, lists a line each. */
export interface Draft {
  name: string;
  locale: 'en' | 'es';
  keyPrefix: string;
  limit: string;
  window: string;
  unit: Unit;
  keyMaxAge: string;
  recoverableKeys: boolean;
  requireStore: boolean;
  unknownOperations: 'forbid' | 'allow';
  notificationEmails: string;
  notifyByEmail: readonly string[];
}

export type Unit = 'seconds' | 'minutes' | 'hours' | 'days';

export const UNITS: Readonly<Record<Unit, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };

export function draftOf(organization: Organization): Draft {
  const { limit, window } = organization.defaults.rateLimit;
  const seconds = durationSeconds(window) ?? 0;
  const unit = (Object.keys(UNITS) as Unit[]).reverse().find((each) => seconds > 0 && seconds % UNITS[each] === 0) ?? 'seconds';
  return {
    name: organization.name,
    locale: organization.locale,
    keyPrefix: organization.keyPrefix,
    limit: String(limit),
    window: String(seconds / UNITS[unit]),
    unit,
    keyMaxAge: String((durationSeconds(organization.keyMaxAge) ?? 0) / UNITS.days),
    recoverableKeys: organization.recoverableKeys,
    requireStore: organization.requireStore,
    unknownOperations: organization.unknownOperations,
    notificationEmails: organization.notificationEmails.join('\n'),
    notifyByEmail: [...organization.notifyByEmail].sort(),
  };
}

/** The merge patch of what was changed. What is no number goes as it was typed: the API says what is wrong with it. */
export function patchOf(changed: Partial<Draft>, draft: Draft): Record<string, unknown> {
  const { limit, window, unit, keyMaxAge, notificationEmails, ...same } = changed;
  const patch: Record<string, unknown> = { ...same };
  if (limit !== undefined || window !== undefined || unit !== undefined) {
    patch['defaults'] = { rateLimit: { limit: whole(draft.limit), window: `PT${seconds(draft)}S` } };
  }
  if (keyMaxAge !== undefined) {
    patch['keyMaxAge'] = `P${keyMaxAge.trim()}D`;
  }
  if (notificationEmails !== undefined) {
    patch['notificationEmails'] = lines(notificationEmails);
  }
  return patch;
}

export function lines(text: string): string[] {
  return text.split(/[\n,;]/).map((line) => line.trim()).filter(Boolean);
}

/** 0 where nothing sensible stands: refused with the bounds, by the API, which knows them. */
function whole(text: string): number {
  const value = Number(text.trim());
  return Number.isSafeInteger(value) ? value : 0;
}

function seconds(draft: Draft): number {
  return whole(draft.window) * UNITS[draft.unit];
}
