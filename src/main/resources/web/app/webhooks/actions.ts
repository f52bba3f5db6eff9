import { html, type ReactiveControllerHost } from 'lit';
import { api, Deletion } from '../api/client.js';
import { askAndDo } from '../elements/confirm.js';
import { beforeOpening, readToOpen } from '../elements/dialog.js';
import { takesIn } from '../elements/element.js';
import type { IconName } from '../elements/icon.js';
import { refused, toast } from '../elements/toasts.js';
import { go } from '../frame/router.js';
import { may } from '../frame/session.js';
import { Signal } from '../frame/signal.js';
import { t } from '../texts/texts.js';
import { NewSecretDialog } from './new-secret-dialog.js';
import { RotateDialog } from './rotate-dialog.js';
import { WebhookDialog } from './webhook-dialog.js';
import { nameOf, stateOf, type IssuedWebhook, type Webhook } from './webhook.js';

/** What became of a webhook: what lists and pages show of it anew. */
export type Change = { readonly kind: 'created' | 'changed'; readonly webhook: Webhook } | { readonly kind: 'deleted'; readonly id: string };

/** The last change that was made from here; who shows webhooks watches it. */
export const changed = new Signal<Change | null>(null);

/** Has an element take in each change for as long as it is in the document. */
export function takesChanges(element: ReactiveControllerHost, take: (change: Change) => void): void {
  takesIn(element, changed, (change) => change && take(change));
}

export interface WebhookAction {
  readonly name: 'edit' | 'pause' | 'resume' | 'rotate' | 'delete';
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly run: () => Promise<void>;
}

/** What the person may do with a webhook as it stands, in the order in which menus show it. */
export function actionsOf(webhook: Webhook): WebhookAction[] {
  return !may('webhooks:manage') ? [] : [
    { name: 'edit', icon: 'edit', run: () => edit(webhook) },
    ...webhook.active ? [] : [{ name: 'resume', icon: 'check', run: () => resume(webhook) } as const],
    // Also of what is off without anybody's doing, for which what happens is kept until a person decides.
    ...webhook.active || webhook.disabledAt ? [{ name: 'pause', icon: 'minus', run: () => pause(webhook) } as const] : [],
    { name: 'rotate', icon: 'refresh', run: () => rotate(webhook) },
    { name: 'delete', icon: 'trash', danger: true, run: () => remove(webhook) },
  ];
}

export function read(id: string): ReturnType<typeof api.get<Webhook>> {
  return api.get<Webhook>(`/webhooks/${encodeURIComponent(id)}`);
}

/** Shows it anew as it stands now: what is sent to it changes its state. */
export async function refresh(id: string): Promise<Webhook | null> {
  const answer = await read(id);
  if (answer.ok) {
    changed.value = { kind: 'changed', webhook: answer.value };
  }
  return answer.ok ? answer.value : null;
}

/** @param store the key of the store for which it is made first of all */
export async function create(store: string | null): Promise<void> {
  const made = await new WebhookDialog(null, store).open();
  if (made) {
    changed.value = { kind: 'created', webhook: shown(made as IssuedWebhook) };
    await new NewSecretDialog(made as IssuedWebhook, 'created').open();
    // There stands what comes next: code that verifies, and a dummy to try it with.
    await go(`/webhooks/${made.id}`);
  }
}

export async function edit(webhook: Webhook): Promise<void> {
  const answer = await readToOpen(() => read(webhook.id), () => void edit(webhook));
  const edited = answer && await new WebhookDialog({ webhook: answer.value, etag: answer.etag }, null).open();
  if (edited) {
    tell(edited as Webhook, t('webhooks.done.edited', { name: nameOf(edited) }));
  }
}

async function pause(webhook: Webhook): Promise<void> {
  const done = await askAndDo<Webhook>({
    title: t('webhooks.pause.title'),
    about: nameOf(webhook),
    body: html`<p>${t('webhooks.pause.body')}</p><p>${t('webhooks.pause.waits')}</p>`,
    action: t('webhooks.do.pause'),
    run: () => api.patch<Webhook>(`/webhooks/${webhook.id}`, { active: false }),
  });
  if (done) {
    tell(done.value, t('webhooks.done.paused', { name: nameOf(webhook) }));
  }
}

/** What has waited for it is sent. */
export async function resume(webhook: Webhook): Promise<void> {
  const answer = await api.patch<Webhook>(`/webhooks/${webhook.id}`, { active: true });
  if (answer.ok) {
    tell(answer.value, t('webhooks.done.resumed', { name: nameOf(webhook) }));
  } else {
    refused(answer.problem, () => void resume(webhook));
  }
}

async function rotate(webhook: Webhook): Promise<void> {
  const now = await beforeOpening(() => read(webhook.id));
  if (!now) {
    return;
  }
  const made = await new RotateDialog(now.ok ? now.value : webhook).open();
  if (made) {
    const dialog = new NewSecretDialog(made.issued, made.overlaps ? 'overlapping' : 'replaced');
    void dialog.open();
    // The secret is shown at once. Until when the one before signs as well, the webhook itself says.
    dialog.until = (await refresh(made.issued.id))?.secret.previousUntil ?? null;
  }
}

async function remove(webhook: Webhook): Promise<void> {
  const deletion = new Deletion();
  const done = await askAndDo<void>({
    title: t('webhooks.delete.title'),
    about: nameOf(webhook),
    body: html`<p>${t('webhooks.delete.body')}</p><p>${t('webhooks.delete.waits')}</p>${stateOf(webhook) === 'active' ? html`<p>${t('webhooks.delete.instead')}</p>` : ''}`,
    action: t('webhooks.do.delete'),
    danger: true,
    run: () => deletion.send(`/webhooks/${webhook.id}`),
  });
  if (done) {
    changed.value = { kind: 'deleted', id: webhook.id };
    toast(t('webhooks.done.deleted', { name: nameOf(webhook) }));
  }
}

function tell(webhook: Webhook, text: string): void {
  changed.value = { kind: 'changed', webhook };
  toast(text);
}

/** Without what is shown once: that stays in its dialog alone. */
function shown(made: IssuedWebhook): Webhook {
  return { ...made, secret: { set: true, updatedAt: made.updatedAt, previousUntil: null } };
}
