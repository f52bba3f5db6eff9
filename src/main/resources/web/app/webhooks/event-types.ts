import { api, type Answer } from '../api/client.js';
import type { TickGroup } from '../elements/tick-groups.js';
import { isTextKey, locale, t } from '../texts/texts.js';

/** What webhooks can ask for, in the person's language. */
export interface EventType {
  readonly name: string;
  readonly source: 'latchkey' | 'platform';
  readonly description: string;
  /** What a receiver gets. */
  readonly example: Readonly<Record<string, unknown>>;
}

let kept: { readonly locale: string; readonly types: readonly EventType[] } | null = null;

/** Loaded once for each language: an operator changes them by a new start. */
export async function loadEventTypes(): Promise<Answer<readonly EventType[]>> {
  const wanted = locale.value;
  if (kept?.locale === wanted) {
    return { ok: true, value: kept.types, status: 200, etag: null, effectiveBy: null };
  }
  const answer = await api.get<{ readonly items: readonly EventType[] }>('/event-types', {}, { headers: { 'Accept-Language': wanted } });
  if (locale.value !== wanted) {
    // Another language was chosen meanwhile: an answer in this one is wanted no more.
    return loadEventTypes();
  }
  if (!answer.ok) {
    return answer;
  }
  kept = { locale: wanted, types: answer.value.items };
  return { ...answer, value: answer.value.items };
}

/** What an event is about: what stands before the dot. */
export function subjectOf(name: string): string {
  return name.split('.')[0]!;
}

/** As people call it, where it is known; else as the platform wrote it. */
export function subjectName(subject: string): string {
  const key = `webhooks.subject.${subject}`;
  return isTextKey(key) ? t(key) : subject.charAt(0).toUpperCase() + subject.slice(1).replaceAll(/[_-]/g, ' ');
}

/**
 * Events to tick, a block for each subject: the platform's first, then this service's own.
 *
 * @param held that a webhook has by now: those that the catalogue has lost come last
 */
export function eventGroups(types: readonly EventType[], held: readonly string[] = []): TickGroup[] {
  const known = [...types.filter((type) => type.source === 'platform'), ...types.filter((type) => type.source === 'latchkey')];
  const subjects = [...new Set(known.map((type) => subjectOf(type.name)))];
  const lost = held.filter((name) => !types.some((type) => type.name === name));
  return [
    ...subjects.map((subject) => ({
      name: subject,
      label: subjectName(subject),
      ticks: known.filter((type) => subjectOf(type.name) === subject).map(({ name, description }) => ({ value: name, label: name, detail: description, mono: true })),
    })),
    ...(lost.length === 0 ? [] : [{ name: '', label: t('webhooks.subject.lost'), ticks: lost.map((name) => ({ value: name, label: name, mono: true })) }]),
  ];
}
