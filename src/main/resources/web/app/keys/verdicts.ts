import type { TemplateResult } from 'lit';
import { tag } from '../elements/values.js';
import { isTextKey, t } from '../texts/texts.js';

/** What became of a request, in the order in which charts stack it: first what was accepted. One that is not here comes last. */
const ORDER = ['VALID', 'RATE_LIMITED', 'SCOPE_MISSING', 'METHOD_FORBIDDEN', 'STORE_FORBIDDEN', 'IP_FORBIDDEN', 'BAD_SECRET', 'EXPIRED', 'INACTIVE', 'REVOKED'];

export const ACCEPTED = 'VALID';

export function verdictText(code: string): string {
  const key = `keys.verdict.${code}`;
  return isTextKey(key) ? t(key) : code;
}

export function verdictTag(code: string): TemplateResult {
  return tag({ label: verdictText(code), tone: code === ACCEPTED ? 'good' : 'danger' });
}

export function inOrder(codes: Iterable<string>): string[] {
  const rank = (code: string): number => (ORDER.includes(code) ? ORDER.indexOf(code) : ORDER.length);
  return [...codes].sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
}
