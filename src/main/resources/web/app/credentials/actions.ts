import { type ReactiveControllerHost } from 'lit';
import { api } from '../api/client.js';
import { readToOpen } from '../elements/dialog.js';
import { takesIn } from '../elements/element.js';
import type { IconName } from '../elements/icon.js';
import { refused, toast, type Tone } from '../elements/toasts.js';
import { go } from '../frame/router.js';
import { may } from '../frame/session.js';
import { Signal } from '../frame/signal.js';
import { t } from '../texts/texts.js';
import { ConnectDialog } from './connect-dialog.js';
import { CredentialDialog } from './credential-dialog.js';
import { inLanguage, isConnected, wasConnected, type Credential, type CredentialStatus, type Standing, type TestResult } from './credential.js';
import { remove } from './remove.js';

/** What became of a credential: what lists and pages show of it anew. */
export type Change = { readonly kind: 'created' | 'changed'; readonly credential: Credential } | { readonly kind: 'deleted'; readonly id: string };

/** The last change that was made from here; who shows credentials watches it. */
export const changed = new Signal<Change | null>(null);

/** Those that are being tested or renewed, by id. */
export const working = new Signal<ReadonlySet<string>>(new Set());

/** Has an element take in each change for as long as it is in the document. */
export function takesChanges(element: ReactiveControllerHost, take: (change: Change) => void): void {
  takesIn(element, changed, (change) => change && take(change));
}

export interface CredentialAction {
  readonly name: 'test' | 'edit' | 'connect' | 'reconnect' | 'refresh' | 'delete';
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly run: () => Promise<void>;
}

/** What the person may do with a credential as it stands, in the order in which menus show it. */
export function actionsOf(credential: Credential): CredentialAction[] {
  if (!may('credentials:write')) {
    return [];
  }
  const all: (CredentialAction | false)[] = [
    { name: 'test', icon: 'check', run: () => test(credential) },
    { name: 'edit', icon: 'edit', run: () => edit(credential) },
    isConnected(credential) && { name: wasConnected(credential) ? 'reconnect' : 'connect', icon: 'link', run: () => connect(credential) },
    credential.renewal !== null && { name: 'refresh', icon: 'refresh', run: () => refresh(credential) },
    { name: 'delete', icon: 'trash', danger: true, run: () => erase(credential) },
  ];
  return all.filter((action): action is CredentialAction => action !== false);
}

/** @param store the key of the store for which it is made first of all */
export async function create(store: string | null): Promise<void> {
  const made = await new CredentialDialog(null, store).open();
  if (!made) {
    return;
  }
  changed.value = { kind: 'created', credential: made };
  if (isConnected(made) && !wasConnected(made)) {
    // What is left to do, its page says.
    await go(`/credentials/${made.id}`);
  } else {
    toast(t('credentials.done.created', { name: made.name }));
  }
}

export async function edit(credential: Credential): Promise<void> {
  const answer = await readToOpen(() => read(credential.id), () => void edit(credential));
  const edited = answer && await new CredentialDialog({ credential: answer.value, etag: answer.etag }, null).open();
  if (edited) {
    changed.value = { kind: 'changed', credential: edited };
    toast(t('credentials.done.edited', { name: edited.name }));
  }
}

/** Asks the provider now. What it shows becomes the credential's status. */
export async function test(credential: Credential): Promise<void> {
  await atWork(credential, async () => {
    const answer = await api.post<TestResult>(`/credentials/${credential.id}/test`, {}, { headers: inLanguage() });
    if (answer.ok) {
      say(credential, answer.value);
    } else {
      refused(answer.problem, () => void test(credential));
    }
  });
}

/** Renews its token now. */
export async function refresh(credential: Credential): Promise<void> {
  await atWork(credential, async () => {
    const answer = await api.post<Standing & { readonly renewed: boolean }>(`/credentials/${credential.id}/refresh`, {}, { headers: inLanguage() });
    if (!answer.ok) {
      refused(answer.problem, () => void refresh(credential));
    } else if (answer.value.renewed) {
      toast(t('credentials.done.renewed', { name: credential.name }));
    } else {
      toast(t('credentials.done.notRenewed', { name: credential.name, detail: `${answer.value.detail} ${answer.value.nextStep}` }), 'warning');
    }
  });
}

/** Sends the person to the provider, to agree. */
export async function connect(credential: Credential): Promise<void> {
  await new ConnectDialog(credential).open();
}

async function erase(credential: Credential): Promise<void> {
  if (await remove(credential, () => void erase(credential))) {
    changed.value = { kind: 'deleted', id: credential.id };
  }
}

export function read(id: string): ReturnType<typeof api.get<Credential>> {
  return api.get<Credential>(`/credentials/${encodeURIComponent(id)}`, {}, { headers: inLanguage() });
}

/** One at a time; what it has come to is shown, whatever it is. */
async function atWork({ id }: Credential, work: () => Promise<void>): Promise<void> {
  if (working.value.has(id)) {
    return;
  }
  working.value = new Set([...working.value, id]);
  await work();
  const now = await read(id);
  working.value = new Set([...working.value].filter((other) => other !== id));
  if (now.ok) {
    changed.value = { kind: 'changed', credential: now.value };
  }
}

const TONES: Record<CredentialStatus, Tone> = { green: 'done', yellow: 'warning', red: 'error', unknown: 'info' };

function say(credential: Credential, { status, detail, nextStep }: TestResult): void {
  toast(status === 'green' ? t('credentials.done.tested', { name: credential.name, detail })
    : t('credentials.done.testedBut', { name: credential.name, detail, next: nextStep }), TONES[status]);
}
