import type { FieldError, Problem } from '../api/problem.js';
import { isTextKey, locale, t } from './texts.js';

/**
 * What the API refuses, in the person's language. The API speaks English: a problem's code has its words in `problems.json`,
 * and so have the messages of fields that can be told by their shape. What is not known there stays as the API said it.
 */
export function titleOf(problem: Problem): string {
  const key = `problems.${problem.code}.title`;
  if (isTextKey(key)) {
    return t(key);
  }
  return problem.status >= 500 ? t('problems.internal.title') : locale.value === 'en' && problem.title ? problem.title : t('problems.other.title');
}

/** Statuses of problems whose sentences are written for people: the others speak of requests and resources. */
const SPOKEN = new Set([400, 403, 409, 413, 422]);

export function adviceOf(problem: Problem): string {
  const key = `problems.${problem.code}.advice`;
  // What stands in the way, the API's own sentence knows better than any general one, to those who read English.
  if (locale.value === 'en' && problem.detail && SPOKEN.has(problem.status) && problem.errors.length === 0) {
    return problem.detail;
  }
  if (isTextKey(key)) {
    return t(key, { seconds: problem.retryAfter ?? 0 });
  }
  return problem.status >= 500 ? t('problems.internal.advice') : t('problems.other.advice');
}

/** Messages of fields by their shape; the groups are the values of the text. */
const SHAPES: readonly [RegExp, string][] = [
  [/^(is required|must not be (null|blank|empty))$/, 'required'],
  [/^must not be blank or contain control characters$/, 'blank'],
  [/^is taken$/, 'taken'],
  [/^size must be between (?<least>\d+) and (?<most>\d+)$/, 'size'],
  [/^must be 1 to 63 of a-z, 0-9, _ and -/, 'slug'],
  [/^must not look like an id$/, 'likeId'],
  [/^must be an http or https address$/, 'address'],
  [/^must be 1 to 16 of a-z, 0-9 and _/, 'prefix'],
  [/^must have a limit of 1 to (?<most>\d+)$/, 'limit'],
  [/^must have a window of whole seconds/, 'window'],
  [/^must be a duration of whole days/, 'days'],
  [/^must be an e-mail address/, 'email'],
  [/^is not a kind of notification/, 'kind'],
  [/^is not a store of this organization$/, 'store'],
  [/^must be in the future$/, 'future'],
  [/^is not a scope of the catalogue/, 'scope'],
  [/^is no pattern at position (?<position>\d+)/, 'pattern'],
  [/^must have (?<least>\d+) to (?<most>\d+) entries/, 'entries'],
  [/must list at least one store$/, 'someStore'],
  [/^must be a whole number/, 'wholeNumber'],
  [/^must be an (RFC 3339 )?instant/, 'instant'],
  [/^must be an ISO 8601 duration/, 'duration'],
  [/^matches no operation of the catalogue$/, 'matchesNothing'],
  [/^matches only operations of the catalogue that the key has no scope for$/, 'lacksScopes'],
  [/\b(network|address|prefix length|IPv4|IPv6)\b/, 'network'],
];

/** What is wrong with a field, as a sentence. */
export function messageOf(error: FieldError): string {
  if (locale.value !== 'en') {
    for (const [shape, name] of SHAPES) {
      const found = shape.exec(error.message);
      const key = `problems.field.${name}`;
      if (found && isTextKey(key)) {
        return t(key, Object.fromEntries(Object.entries(found.groups ?? {}).map(([each, value]) => [each, Number(value)])));
      }
    }
    return t('problems.field.other', { message: error.message });
  }
  const message = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  return /[.?!]$/.test(message) ? message : `${message}.`;
}
