import { api, type Page } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { refused } from '../elements/toasts.js';
import { inLanguage, locale } from '../texts/texts.js';
import { isAwake } from '../frame/awake.js';
import { place } from '../frame/router.js';
import { ended, may, session } from '../frame/session.js';
import { Signal } from '../frame/signal.js';
import type { Notice } from './notice.js';

/**
 * What the bell knows: the newest notifications, and how many are unread. It asks anew where somebody would look: on another page,
 * when the window is returned to, and now and then while it is in sight. That is no use of the session: after a while in which the
 * person does nothing it asks no more, so that the session ends as it does without a bell.
 */
export interface Inbox {
  readonly newest: readonly Notice[];
  readonly unread: number;
}

/** null: not known yet. */
export const inbox = new Signal<Inbox | null>(null);

/** Why it is not known. */
export const inboxProblem = new Signal<Problem | null>(null);

/** What has come since it was last looked, unread. */
export const arrived = new Signal<readonly Notice[]>([]);

interface Read {
  readonly id: string | 'all';
  /** null: it is unread, after all. */
  readonly at: string | null;
}

/** What was read here or in another tab: lists show it. */
export const readHere = new Signal<Read | null>(null);

const SHOWN = 8;
/** Between two questions, whatever happens. */
const APART_MILLIS = 5_000;
const POLL_MILLIS = 90_000;

/** Other tabs of this browser: what is read in one is read in all. */
const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('latchkey-notices') : null;

let known: Set<string> | null = null;
let askedAt = 0;
let asked = 0;
let started = false;

/** From now on, as long as somebody is signed in. */
export function followNotices(): void {
  if (started) {
    return;
  }
  started = true;
  session.watch(() => void lookSoon());
  place.watch(() => void lookSoon());
  locale.watch(() => void look());
  addEventListener('focus', () => void lookSoon());
  document.addEventListener('visibilitychange', () => void lookSoon());
  setInterval(() => isAwake() && void lookSoon(), POLL_MILLIS);
  tabs?.addEventListener('message', ({ data }) => {
    readHere.value = data as Read;
    take();
    void look();
  });
  void lookSoon();
}

async function lookSoon(): Promise<void> {
  if (document.visibilityState === 'visible' && Date.now() - askedAt >= APART_MILLIS) {
    await look();
  }
}

/** Asks now. An end of the session is no matter of the bell: whoever does something next is told. */
export async function look(): Promise<void> {
  if (!session.value || ended.value || !may('notifications:read')) {
    return;
  }
  askedAt = Date.now();
  asked += 1;
  const mine = asked;
  const answer = await api.get<Page<Notice> & { readonly unread: number }>('/notifications', { limit: SHOWN }, { anonymous: true, headers: inLanguage() });
  if (mine !== asked) {
    return;
  }
  if (!answer.ok) {
    inboxProblem.value = answer.problem.status === 401 ? null : answer.problem;
    return;
  }
  inboxProblem.value = null;
  const { items, unread } = answer.value;
  const fresh = known ? items.filter((notice) => notice.readAt === null && !known!.has(notice.id)) : [];
  known = new Set([...(known ?? []), ...items.map(({ id }) => id)]);
  inbox.value = { newest: items, unread };
  if (fresh.length > 0) {
    arrived.value = fresh;
  }
}

/** Marks it as read by this person: shown at once, and taken back if it was not accepted. */
export async function markRead(notice: Notice): Promise<void> {
  if (notice.readAt !== null) {
    return;
  }
  const read: Read = { id: notice.id, at: new Date().toISOString() };
  tell(read);
  const answer = await api.post(`/notifications/${notice.id}/read`, {});
  if (!answer.ok && answer.problem.status !== 404) {
    tell({ id: notice.id, at: null });
    refused(answer.problem, () => void markRead(notice));
  } else {
    tabs?.postMessage(read);
  }
  await look();
}

/** @returns how many were unread; null: it was refused, and that is told */
export async function markAllRead(): Promise<number | null> {
  const answer = await api.post<{ readonly marked: number }>('/notifications/read-all', {});
  if (!answer.ok) {
    refused(answer.problem, () => void markAllRead());
    return null;
  }
  const read: Read = { id: 'all', at: new Date().toISOString() };
  tell(read);
  tabs?.postMessage(read);
  await look();
  return answer.value.marked;
}

function tell(read: Read): void {
  // An answer that is under way does not know of it, and would show it as unread once more.
  asked += 1;
  readHere.value = read;
  take();
}

/** What was read, in what is shown. */
function take(): void {
  const { value: before } = inbox;
  const { value: read } = readHere;
  if (before && read) {
    const newest = before.newest.map((notice) => asRead(notice, read));
    const marked = unreadOf(before.newest) - unreadOf(newest);
    inbox.value = { newest, unread: read.id === 'all' ? 0 : Math.max(0, before.unread - marked) };
  }
}

function unreadOf(notices: readonly Notice[]): number {
  return notices.filter(({ readAt }) => readAt === null).length;
}

/** As it is by then: what is read stays as it was read first. */
export function asRead(notice: Notice, { id, at }: Read): Notice {
  return (id === 'all' || id === notice.id) && (notice.readAt === null || at === null) ? { ...notice, readAt: at } : notice;
}
