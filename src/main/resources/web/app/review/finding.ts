import type { IconName } from '../elements/icon.js';
import { dateTime } from '../texts/format.js';

/** A finding about a key, as the API tells of it, and how it looks. */
export interface Finding {
  readonly key: {
    readonly id: string;
    readonly name: string;
    readonly start: string;
    readonly createdAt: string;
    readonly expiresAt: string | null;
    readonly lastUsedAt: string | null;
  };
  readonly reason: string;
  readonly detail: string;
  /** The one call that mends it. */
  readonly action: {
    readonly method: 'PATCH' | 'POST';
    readonly path: string;
    readonly body: Readonly<Record<string, unknown>>;
    readonly description: string;
    readonly allowed: boolean;
  };
}

/** As the API has them, the most urgent first. */
export const REASONS = ['expiring-soon', 'shared', 'never-used', 'unused-90-days', 'older-than-policy', 'no-expiry', 'all-stores-but-uses-one', 'unused-scopes'] as const;
export type Reason = (typeof REASONS)[number];

export const ICONS: Record<Reason, IconName> = {
  'expiring-soon': 'clock', shared: 'person', 'never-used': 'minus', 'unused-90-days': 'minus', 'older-than-policy': 'refresh', 'no-expiry': 'clock',
  'all-stores-but-uses-one': 'store', 'unused-scopes': 'key',
};

export function isReason(reason: string): reason is Reason {
  return (REASONS as readonly string[]).includes(reason);
}

export function identity(finding: Finding): string {
  return `${finding.key.id} ${finding.reason}`;
}

/** What the advised call does, by the call itself: it decides what is asked before, and what the button says. */
export type Deed = 'regenerate' | 'revoke' | 'deactivate' | 'networks' | 'stores' | 'scopes' | 'expiry' | 'other';

export function deedOf({ action }: Finding): Deed {
  if (action.method === 'POST') {
    return action.path.endsWith('/regenerate') ? 'regenerate' : action.path.endsWith('/revoke') ? 'revoke' : 'other';
  }
  const { body } = action;
  return body['active'] === false ? 'deactivate' : 'ipAllowList' in body ? 'networks' : 'access' in body ? 'stores' : 'scopes' in body ? 'scopes' : 'expiresAt' in body ? 'expiry' : 'other';
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** The API's sentence, in which instants are written as the person reads them. */
export function spoken(sentence: string): string {
  return sentence.replaceAll(INSTANT, (at) => dateTime(at));
}
