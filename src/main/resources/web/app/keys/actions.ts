import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { api, Deletion } from '../api/client.js';
import type { IconName } from '../elements/icon.js';
import { askAndDo } from '../elements/confirm.js';
import { beforeOpening, readToOpen } from '../elements/dialog.js';
import { takesIn } from '../elements/element.js';
import { refused, toast } from '../elements/toasts.js';
import { may } from '../frame/session.js';
import { Signal } from '../frame/signal.js';
import { agoInText, dateTime } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { KeyDialog } from './key-dialog.js';
import { lastUse, type Key, type KeyPart } from './key.js';
import { NewKeyDialog } from './new-key-dialog.js';
import { RegenerateDialog } from './regenerate-dialog.js';
import { RevealDialog } from './reveal-dialog.js';
import { warningText } from './warnings.js';

/** What became of a key: what lists and pages show of it anew. */
export type Change = { readonly kind: 'created' | 'changed'; readonly key: Key } | { readonly kind: 'deleted'; readonly id: string };

/** The last change that was made from here; who shows keys watches it. */
export const changed = new Signal<Change | null>(null);

/** Has an element take in each change for as long as it is in the document. */
export function takesChanges(element: ReactiveControllerHost, take: (change: Change) => void): void {
  takesIn(element, changed, (change) => change && take(change));
}

export interface KeyAction {
  readonly name: 'edit' | 'regenerate' | 'replaceSecret' | 'endGrace' | 'deactivate' | 'activate' | 'revoke' | 'delete';
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly run: () => Promise<void>;
}

/** What the person may do with a key as it stands, in the order in which menus show it. */
export function actionsOf(key: Key): KeyAction[] {
  const all: (KeyAction | false)[] = may('keys:write') && key.status !== 'revoked' ? [
    { name: 'edit', icon: 'edit', run: () => edit(key) },
    { name: 'regenerate', icon: 'refresh', run: () => regenerate(key, null) },
    key.hasSecret && { name: 'replaceSecret', icon: 'lock', run: () => regenerate(key, 'secret') },
    key.previous !== null && { name: 'endGrace', icon: 'clock', run: () => now(key, endGrace) },
    key.active ? { name: 'deactivate', icon: 'minus', run: () => now(key, deactivate) } : { name: 'activate', icon: 'check', run: () => activate(key) },
    { name: 'revoke', icon: 'error', danger: true, run: () => now(key, revoke) },
  ] : [];
  if (may('keys:admin')) {
    all.push({ name: 'delete', icon: 'trash', danger: true, run: () => now(key, remove) });
  }
  return all.filter((action): action is KeyAction => action !== false);
}

/** Asks by what is so now: a list may be an hour old, and when a key was used last is what the question is about. */
async function now(key: Key, ask: (key: Key) => Promise<void>): Promise<void> {
  const answer = await beforeOpening(() => api.get<Key>(`/keys/${key.id}`));
  if (answer) {
    await ask(answer.ok ? answer.value : key);
  }
}

/** Whether the eye stands beside a key. */
export function mayReveal(): boolean {
  return may('keys:admin');
}

/** @param store the key of the store for which it is made first of all */
export async function create(store: string | null): Promise<void> {
  const made = await new KeyDialog(null, store).open();
  if (made) {
    changed.value = { kind: 'created', key: shown(made) };
    await new NewKeyDialog(made).open();
  }
}

export async function edit(key: Key): Promise<void> {
  const answer = await readToOpen(() => api.get<Key>(`/keys/${key.id}`), () => void edit(key));
  const edited = answer && await new KeyDialog({ key: answer.value, etag: answer.etag }, null).open();
  if (edited) {
    tell(edited, t('keys.done.edited', { name: edited.name }));
    edited.warnings?.forEach((warning) => toast(warningText(edited, warning), 'warning'));
  }
}

export async function regenerate(shownKey: Key, part: KeyPart | null): Promise<void> {
  await now(shownKey, (key) => replace(key, part));
}

async function replace(key: Key, part: KeyPart | null): Promise<void> {
  const made = await new RegenerateDialog(key, part).open();
  if (made) {
    changed.value = { kind: 'changed', key: shown(made) };
    await new NewKeyDialog(made).open();
  }
}

export async function reveal(key: Key): Promise<void> {
  if ((await new RevealDialog(key, may('keys:write')).open()) === 'regenerate') {
    await regenerate(key, null);
  }
}

async function endGrace(key: Key): Promise<void> {
  const { previous } = key;
  const done = previous && await askAndDo<Key>({
    title: t('keys.endGrace.title'),
    about: key.name,
    body: html`<p>${rich('keys.endGrace.body', { start: html`<code>${previous.start}…</code>`, when: dateTime(previous.diesAt) })}</p>
      <p>${previous.lastUsedAt ? rich('keys.endGrace.used', { when: html`<strong>${agoInText(previous.lastUsedAt)}</strong>` }) : t('keys.endGrace.unused')}</p>`,
    action: t('keys.do.endGrace'),
    danger: true,
    run: (submission) => submission.post<Key>(`/keys/${key.id}/end-grace`, {}),
  });
  if (done) {
    tell(done.value, t('keys.done.graceEnded', { name: key.name }));
  }
}

async function deactivate(key: Key): Promise<void> {
  const done = await askAndDo<Key>({
    title: t('keys.deactivate.title'),
    about: key.name,
    body: breaks(key, t('keys.deactivate.body')),
    action: t('keys.do.deactivate'),
    danger: true,
    run: () => api.patch<Key>(`/keys/${key.id}`, { active: false }),
  });
  if (done) {
    tell(done.value, t('keys.done.deactivated', { name: key.name }));
  }
}

async function activate(key: Key): Promise<void> {
  const answer = await api.patch<Key>(`/keys/${key.id}`, { active: true });
  if (answer.ok) {
    tell(answer.value, t('keys.done.activated', { name: key.name }));
  } else {
    refused(answer.problem, () => void activate(key));
  }
}

async function revoke(key: Key): Promise<void> {
  const done = await askAndDo<Key>({
    title: t('keys.revoke.title'),
    about: key.name,
    body: breaks(key, t('keys.revoke.body')),
    action: t('keys.do.revoke'),
    danger: true,
    reason: { label: t('keys.revoke.reason'), help: t('keys.revoke.reasonHelp') },
    run: (submission, reason) => submission.post<Key>(`/keys/${key.id}/revoke`, reason ? { reason } : {}),
  });
  if (done) {
    tell(done.value, t('keys.done.revoked', { name: key.name }));
  }
}

async function remove(key: Key): Promise<void> {
  const deletion = new Deletion();
  const done = await askAndDo<void>({
    title: t('keys.delete.title'),
    about: key.name,
    body: breaks(key, key.status === 'revoked' ? t('keys.delete.bodyRevoked') : t('keys.delete.body')),
    action: t('keys.do.delete'),
    danger: true,
    typed: key.name,
    run: () => deletion.send(`/keys/${key.id}`),
  });
  if (done) {
    changed.value = { kind: 'deleted', id: key.id };
    toast(t('keys.done.deleted', { name: key.name }));
  }
}

/** What happens, and who will notice. */
function breaks(key: Key, what: string): TemplateResult {
  return html`<p>${what}</p><p>${lastUse(key)}</p>
    ${key.previous && key.status === 'active' ? html`<p>${t('keys.breaks.previous', { start: key.previous.start })}</p>` : nothing}`;
}

function tell(key: Key, text: string): void {
  changed.value = { kind: 'changed', key };
  toast(text);
}

/** Without what is shown once: that stays in its dialog alone. */
function shown(made: Key): Key {
  const { key: _key, secret: _secret, ...rest } = made;
  return rest;
}
