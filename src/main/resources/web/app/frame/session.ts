import { api, wiring, type Answer } from '../api/client.js';
import type { Permission, Session } from '../api/types.js';
import { clearToasts, refused } from '../elements/toasts.js';
import { locale, speak, type Locale } from '../texts/texts.js';
import { mayLeave } from './router.js';
import { Signal } from './signal.js';

/**
 * Who is signed in. The session itself is a cookie that no script can read; here stands what `GET /session` tells of it. When it
 * ends while someone works, `ended` turns true, the frame asks to sign in over the page, and the requests that met the end wait
 * and are sent again.
 */

/** undefined: not known yet; null: nobody. */
export const session = new Signal<Session | null | undefined>(undefined);

/** The session has ended under a page that is in use. */
export const ended = new Signal(false);

/** What a person signs in with: a single-use link's token, or a token of the identity provider. */
export type Ticket = { readonly link: string } | { readonly jwt: string };

let waiting: ((again: boolean) => void)[] = [];

// Other tabs of this browser share the cookie: what happens in one is known in all.
const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('latchkey-session') : null;
tabs?.addEventListener('message', () => void restore());

// Kept by the browser, and shown again by Back: who is signed in now, the document does not know.
addEventListener('pageshow', (event) => {
  if (event.persisted) {
    location.reload();
  }
});

wiring.csrfToken = () => session.value?.csrfToken ?? null;

wiring.signInAgain = () => {
  if (!session.value) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    waiting.push(resolve);
    ended.value = true;
  });
};

wiring.refreshToken = async () => {
  const before = session.value?.csrfToken;
  await restore();
  return session.value !== null && session.value?.csrfToken !== before;
};

/** Asks who is signed in: at the start, and when another tab has signed in or out. */
export async function restore(): Promise<Answer<Session>> {
  const answer = await api.get<Session>('/session', {}, { anonymous: true });
  if (answer.ok) {
    await begin(answer.value);
  } else if (answer.problem.status === 401 && !session.value) {
    session.value = null;
  } else if (answer.problem.status === 401) {
    ended.value = true;
  }
  return answer;
}

/**
 * Asks who is signed in, and changes nothing here: a link has come, and whether it may take that session's place is not known
 * yet.
 */
export function look(): Promise<Answer<Session>> {
  return api.get<Session>('/session', {}, { anonymous: true });
}

/** Goes on as who is signed in anyway. */
export const stay = (found: Session): Promise<void> => begin(found);

/** @param instead the session that is to end by it; the server refuses to replace one without its token */
export async function signIn(ticket: Ticket, instead: Session | null = null): Promise<Answer<Session>> {
  const csrf: Record<string, string> = instead ? { 'X-CSRF-Token': instead.csrfToken } : {};
  const answer = 'link' in ticket
    ? await api.post<Session>('/session', { link: ticket.link }, { anonymous: true, headers: csrf })
    : await api.post<Session>('/session', {}, { anonymous: true, headers: { ...csrf, Authorization: `Bearer ${ticket.jwt}` } });
  if (answer.ok) {
    await begin(answer.value);
    tabs?.postMessage('begun');
  } else if (answer.problem.code === 'csrf') {
    // Somebody has signed in meanwhile in another tab: the page shows who.
    await restore();
  }
  return answer;
}

async function begin(found: Session): Promise<void> {
  const former = session.value;
  if (former && (former.organization.key !== found.organization.key || former.person.subject !== found.person.subject)) {
    // Somebody else: what stands on the page is not theirs, and must not be sent in their name.
    settle(false);
    leaveTo('/');
    return;
  }
  session.value = found;
  // A platform that embeds the panel says in which language; whoever chose one here has told the session so.
  if (!former && found.locale && found.locale !== locale.value) {
    speak(found.locale, false);
  }
  ended.value = false;
  settle(true);
}

function settle(again: boolean): void {
  const all = waiting;
  waiting = [];
  all.forEach((resolve) => resolve(again));
}

export async function signOut(): Promise<void> {
  if (!(await mayLeave())) {
    return;
  }
  const answer = await api.delete('/session', { anonymous: true });
  if (answer.ok || answer.problem.status === 401) {
    leave();
  } else {
    refused(answer.problem, () => void signOut());
  }
}

/** Leaves without asking the server: the session has ended anyway. */
export function leave(): void {
  settle(false);
  tabs?.postMessage('ended');
  leaveTo('/sign-in');
}

/**
 * Leaves the document, whatever stands in it: the person has said so, or it is not theirs. No page asks any more. Nothing stays in
 * it either: browsers keep documents, and show them again to whoever goes back.
 */
function leaveTo(address: string): void {
  addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), { capture: true });
  clearToasts();
  [...document.body.children].filter((element) => element.localName !== 'lk-toasts').forEach((element) => element.remove());
  session.value = null;
  location.assign(address);
}

/** Whether the person signed in may do it. What one may not do is not offered. */
export function may(permission: Permission): boolean {
  return session.value?.permissions.includes(permission) ?? false;
}

/** Speaks another language from now on, here and in the session's mails and next pages. */
export async function chooseLocale(wanted: Locale): Promise<void> {
  speak(wanted, true);
  if (session.value) {
    const answer = await api.patch<Session>('/session', { locale: wanted });
    if (answer.ok && answer.value) {
      session.value = answer.value;
    }
  }
}

/** Reads what a person pasted: a sign-in link, its token alone, or a JWT. */
export function ticketOf(pasted: string): Ticket | null {
  const text = pasted.trim().replace(/^Bearer\s+/i, '');
  if (!text || /\s/.test(text)) {
    return null;
  }
  const fragment = text.indexOf('#');
  if (fragment >= 0) {
    const link = text.slice(fragment + 1);
    return link ? { link } : null;
  }
  if (text.includes('://')) {
    return null;
  }
  return text.split('.').length === 3 ? { jwt: text } : { link: text };
}
