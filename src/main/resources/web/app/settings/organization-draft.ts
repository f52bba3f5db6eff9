import type { Organization } from '../api/types.js';
import { daysOf, limitOf, lines, spanOf, windowOf, type LimitDraft, type Unit } from '../elements/span.js';

/** The settings as they are typed: numbers are texts until they are sent, durations a number and a unit, lists a line each. */
export interface Draft extends LimitDraft {
  readonly name: string;
  readonly locale: 'en' | 'es';
  readonly keyPrefix: string;
  readonly keyMaxAge: string;
  readonly recoverableKeys: boolean;
  readonly requireStore: boolean;
  readonly unknownOperations: 'forbid' | 'allow';
  /** Empty: as the operator has it. */
  readonly testEvery: string;
  readonly testUnit: Unit;
  readonly notificationEmails: string;
  readonly notifyByEmail: readonly string[];
}

/** A number and its unit say one thing: what another has saved takes the place of both or of neither. */
export const TOGETHER: readonly (readonly (keyof Draft)[])[] = [['window', 'unit'], ['testEvery', 'testUnit']];

export function draftOf(organization: Organization): Draft {
  const { limit, window } = organization.defaults.rateLimit;
  const { credentialTestInterval: interval } = organization;
  const test = interval === null ? { window: '', unit: 'hour' as const } : windowOf(interval);
  return {
    name: organization.name,
    locale: organization.locale,
    keyPrefix: organization.keyPrefix,
    requests: String(limit),
    ...windowOf(window),
    keyMaxAge: daysOf(organization.keyMaxAge),
    recoverableKeys: organization.recoverableKeys,
    requireStore: organization.requireStore,
    unknownOperations: organization.unknownOperations,
    testEvery: test.window,
    testUnit: test.unit,
    notificationEmails: organization.notificationEmails.join('\n'),
    notifyByEmail: [...organization.notifyByEmail].sort(),
  };
}

/** The merge patch of what was changed. What is no number goes as it was typed: the API says what is wrong with it. */
export function patchOf(changed: Partial<Draft>, draft: Draft): Record<string, unknown> {
  const { requests, window, unit, keyMaxAge, testEvery, testUnit, notificationEmails, ...same } = changed;
  const patch: Record<string, unknown> = { ...same };
  if (requests !== undefined || window !== undefined || unit !== undefined) {
    patch['defaults'] = { rateLimit: limitOf(draft) };
  }
  if (keyMaxAge !== undefined) {
    patch['keyMaxAge'] = `P${keyMaxAge.trim()}D`;
  }
  if (testEvery !== undefined || (testUnit !== undefined && draft.testEvery.trim() !== '')) {
    patch['credentialTestInterval'] = draft.testEvery.trim() === '' ? null : spanOf(draft.testEvery, draft.testUnit);
  }
  if (notificationEmails !== undefined) {
    patch['notificationEmails'] = lines(notificationEmails);
  }
  return patch;
}
