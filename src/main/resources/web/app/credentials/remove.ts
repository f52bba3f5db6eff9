import { html, nothing, type TemplateResult } from 'lit';
import { api, Deletion, type Answer } from '../api/client.js';
import { askAndDo } from '../elements/confirm.js';
import { readToOpen } from '../elements/dialog.js';
import { toast } from '../elements/toasts.js';
import { agoInText, list } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { inLanguage, type Credential } from './credential.js';
import { integrationChanged, namesOf, type Integration } from './integration.js';

/** What became of its token at the provider. */
interface Revocation {
  readonly revoked: boolean;
  readonly detail: string;
}

/**
 * Deletes it, out of the integrations that use it, once the person has seen what stops. True when it is gone.
 *
 * @param again tries it once more, where what stops could not be told
 */
export async function remove(credential: Credential, again: () => void): Promise<boolean> {
  const found = await readToOpen(() => whatStops(credential), again);
  if (!found) {
    return false;
  }
  const { users, keys } = found.value;
  const deletion = new Deletion();
  const done = await askAndDo<Revocation | undefined>({
    title: t('credentials.delete.title'),
    about: credential.name,
    body: html`<p>${t('credentials.delete.body')}</p>${stops(users, keys)}
      <p>${credential.lastUsedAt ? rich('credentials.delete.used', { when: html`<strong>${agoInText(credential.lastUsedAt)}</strong>` }) : t('credentials.delete.unused')}</p>
      ${credential.type === 'oauth2' ? html`<p>${t('credentials.delete.revoked')}</p>` : nothing}`,
    action: t(users.length > 0 ? 'credentials.delete.actionBound' : 'credentials.delete.action'),
    danger: true,
    typed: users.length > 0 ? credential.name : undefined,
    run: () => takeOutAndDelete(credential, deletion),
  });
  if (!done) {
    return false;
  }
  toast(done.value?.detail ? t('credentials.done.deletedAnd', { name: credential.name, detail: done.value.detail }) : t('credentials.done.deleted', { name: credential.name }),
    done.value && !done.value.revoked ? 'warning' : 'done');
  return true;
}

/** Who uses it, and the names of the keys that lose it. */
async function whatStops(credential: Credential): Promise<Answer<{ readonly users: Integration[]; readonly keys: string[] }>> {
  const users = await usersOf(credential);
  if (!users.ok) {
    return users;
  }
  const keys = await namesOf([...new Set(users.value.filter((user) => user.active).flatMap((user) => user.keyIds))]);
  return { ...users, value: { users: users.value, keys } };
}

function usersOf({ id }: Credential): Promise<Answer<Integration[]>> {
  return api.all<Integration>('/integrations', { credential: id });
}

/** Who uses it stops doing so. */
function stops(users: readonly Integration[], keys: readonly string[]): TemplateResult | typeof nothing {
  return users.length === 0 ? nothing : html`<p>${rich('credentials.delete.bound', { integrations: html`<strong translate="no">${list(users.map((user) => user.name))}</strong>` })}
    ${keys.length > 0 ? rich('credentials.delete.keys', { keys: html`<strong translate="no">${list(keys)}</strong>` }) : nothing}</p>`;
}

/** One that an integration names is not deleted: it is taken out before. */
async function takeOutAndDelete(credential: Credential, deletion: Deletion): Promise<Answer<Revocation | undefined>> {
  const users = await usersOf(credential);
  if (!users.ok) {
    return users;
  }
  for (const user of users.value) {
    const out = await takeOut(user.id, credential.id);
    if (!out.ok) {
      return out;
    }
  }
  return deletion.send<Revocation>(`/credentials/${credential.id}`, { headers: inLanguage() });
}

/** Takes a credential out of an integration as it stands now: its keys cannot use it any more. */
export async function takeOut(integration: string, credential: string): Promise<Answer<Integration>> {
  const now = await api.get<Integration>(`/integrations/${integration}`);
  if (!now.ok) {
    return now;
  }
  const answer = await api.patch<Integration>(`/integrations/${integration}`, { credentialIds: now.value.credentialIds.filter((id) => id !== credential) }, { ifMatch: now.etag });
  if (answer.ok) {
    integrationChanged.value = { id: integration };
  }
  return answer;
}
