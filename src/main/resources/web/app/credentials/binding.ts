import { html, nothing } from 'lit';
import { api, type Answer } from '../api/client.js';
import { askAndDo } from '../elements/confirm.js';
import { readToOpen } from '../elements/dialog.js';
import { toast } from '../elements/toasts.js';
import { list } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { BindDialog } from './bind-dialog.js';
import type { Credential } from './credential.js';
import { integrationChanged, namesOf, type Integration } from './integration.js';
import { takeOut } from './remove.js';

/** Lets keys use a credential. */
export async function bind(credential: Credential): Promise<void> {
  tell(await new BindDialog(credential, null).open(), 'credentials.done.bound');
}

/** Says anew which keys an integration has. */
export async function editBinding(credential: Credential, { id }: Integration): Promise<void> {
  const answer = await readToOpen(() => api.get<Integration>(`/integrations/${id}`));
  if (answer) {
    tell(await new BindDialog(credential, { integration: answer.value, etag: answer.etag }).open(), 'credentials.done.boundEdited');
  }
}

/** Takes it out of an integration, whose keys cannot use it any more. True when it is done. */
export async function unbind(credential: Pick<Credential, 'id' | 'name'>, id: string): Promise<boolean> {
  const answer = await readToOpen(() => whatLoses(id));
  if (!answer) {
    return false;
  }
  const { integration, keys } = answer.value;
  const done = await askAndDo<Integration>({
    title: t('credentials.unbind.title'),
    about: integration.name,
    body: html`<p>${t('credentials.unbind.body', { name: credential.name })}</p>
      ${keys.length > 0 ? html`<p>${rich('credentials.unbind.keys', { keys: html`<strong translate="no">${list(keys)}</strong>` })}</p>` : nothing}`,
    action: t('credentials.unbind.action'),
    danger: true,
    run: () => takeOut(integration.id, credential.id),
  });
  if (done) {
    toast(t('credentials.done.unbound', { name: credential.name, integration: integration.name }));
  }
  return done !== undefined;
}

/** An integration, and the names of the keys that can use nothing more by it. */
async function whatLoses(id: string): Promise<Answer<{ readonly integration: Integration; readonly keys: string[] }>> {
  const answer = await api.get<Integration>(`/integrations/${id}`);
  if (!answer.ok) {
    return answer;
  }
  const integration = answer.value;
  const keys = integration.active ? await namesOf(integration.keyIds) : [];
  return { ...answer, value: { integration, keys } };
}

function tell(integration: Integration | undefined, said: 'credentials.done.bound' | 'credentials.done.boundEdited'): void {
  if (!integration) {
    return;
  }
  integrationChanged.value = { id: integration.id };
  toast(t(said, { name: integration.name }));
  const useless = integration.warnings.length;
  if (useless > 0) {
    toast(t('credentials.bind.warned', { count: useless }), 'warning');
  }
}
