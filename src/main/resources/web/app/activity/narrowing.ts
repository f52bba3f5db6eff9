import type { Select } from '../elements/filters.js';
import { place } from '../frame/router.js';
import { session } from '../frame/session.js';
import { t, textsUnder } from '../texts/texts.js';
import { actionText, nounOf, nounText, type Actor } from './entry.js';

/**
 * What the log can be narrowed by, as the API and the address name it. Days stand in the address as days of the person's own
 * calendar, and a span until now by its length, so that a link goes on meaning it.
 */
export const FILTERS = ['action', 'targetType', 'actor', 'targetId', 'span', 'from', 'to'] as const;
export type Filter = (typeof FILTERS)[number];

const HOURS: Readonly<Record<string, number>> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 };
const DAY = /^\d{4}-\d\d-\d\d$/;
/** The kinds of things that entries are about. */
const TYPES = ['key', 'credential', 'integration', 'webhook', 'delivery', 'store', 'organization', 'session', 'import', 'catalog'];
/** Actions by their nouns, in the order in which the sections of the panel come. */
const NOUNS = ['key', 'credential', 'integration', 'webhook', 'delivery', 'store', 'organization', 'session', 'catalog'];

export function filterOf(name: Filter): string {
  return place.value.query.get(name) ?? '';
}

/** What is asked of the API. */
export function queryOf(now: Date): Record<string, string | null> {
  const hours = HOURS[filterOf('span')];
  return {
    action: filterOf('action'), targetType: filterOf('targetType'), actor: filterOf('actor'), targetId: filterOf('targetId'),
    from: hours ? new Date(now.getTime() - hours * 3_600_000).toISOString() : midnight(filterOf('from'), 0),
    to: hours ? null : midnight(filterOf('to'), 1),
  };
}

/** When a day begins here, or the one after it; null for what is no day. */
function midnight(day: string, later: number): string | null {
  const [year, month, date] = day.split('-').map(Number);
  const at = new Date(year!, month! - 1, date! + later);
  return DAY.test(day) && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}

/** Whether single days are chosen. */
export function isByDays(): boolean {
  return filterOf('span') === 'days' || (filterOf('span') === '' && (filterOf('from') !== '' || filterOf('to') !== ''));
}

/** @param seen who did what is shown, or was before */
export function selects(seen: ReadonlyMap<string, Actor>): Select[] {
  return [
    { name: 'action', label: t('activity.filter.action'), value: filterOf('action'), options: withChosen([{ value: '', label: t('activity.filter.any') }, ...actions()], filterOf('action')) },
    { name: 'targetType', label: t('activity.filter.targetType'), value: filterOf('targetType'),
      options: withChosen([{ value: '', label: t('activity.filter.any') }, ...TYPES.map((value) => ({ value, label: nounText(value) }))], filterOf('targetType')) },
    { name: 'actor', label: t('activity.filter.actor'), value: filterOf('actor'), options: withChosen(actors(seen), filterOf('actor')) },
    { name: 'span', label: t('activity.filter.span'), value: isByDays() ? 'days' : filterOf('span'),
      options: [{ value: '', label: t('activity.span.any') }, ...(['24h', '7d', '30d', 'days'] as const).map((value) => ({ value, label: t(`activity.span.${value}`) }))] },
  ];
}

type Option = Select['options'][number];

/** What somebody else's link asks for is offered, too. */
function withChosen(options: Option[], chosen: string): Option[] {
  return options.some(({ value }) => value === chosen) ? options : [...options, { value: chosen, label: chosen }];
}

function actions(): Option[] {
  const all = textsUnder('activity.action.');
  return NOUNS.flatMap((noun) => {
    const group = nounText(noun);
    return [{ value: `${noun}.*`, label: t('activity.filter.allOf', { noun: group }), group },
      ...all.filter((action) => nounOf(action) === noun).map((action) => ({ value: action, label: actionText(action), group }))];
  });
}

function actors(seen: ReadonlyMap<string, Actor>): Option[] {
  const me = session.value?.person;
  const others = [...seen.values()].filter((actor) => actor.id !== me?.subject);
  const label = ({ type, id, name }: Actor): string => (type === 'system' ? `${name} (${id})` : name);
  const of = (type: Actor['type'], group: string): Option[] => others.filter((actor) => actor.type === type)
    .map((actor) => ({ value: actor.id, label: label(actor), group })).sort((one, other) => one.label.localeCompare(other.label));
  return [{ value: '', label: t('activity.filter.anyone') }, ...(me ? [{ value: me.subject, label: t('activity.filter.me', { name: me.name || me.subject }) }] : []),
    ...of('person', t('activity.group.person')), ...of('key', t('activity.group.key')), ...of('system', t('activity.group.system'))];
}
