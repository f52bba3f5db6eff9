import { html } from 'lit';
import { api } from '../api/client.js';
import { askAndDo } from '../elements/confirm.js';
import { toast } from '../elements/toasts.js';
import { may } from '../frame/session.js';
import { changed } from '../keys/actions.js';
import type { Key } from '../keys/key.js';
import { rich, t } from '../texts/texts.js';
import { mayUse, USE_SCOPE } from './integration.js';

/** Whether this person may give a key what it lacks to use credentials. */
export function mayGrant(key: Key): boolean {
  return !mayUse(key) && key.status !== 'revoked' && may('keys:write');
}

/** Gives a key the scope to use credentials, once the person has agreed; the key as it stands then. */
export async function grant(key: Key): Promise<Key | undefined> {
  const scope = html`<code>${USE_SCOPE}</code>`;
  const done = await askAndDo<Key>({
    title: t('credentials.grant.title'),
    about: key.name,
    body: html`<p>${rich('credentials.grant.body', { scope })}</p><p>${t('credentials.grant.else')}</p>`,
    action: t('credentials.grant.action'),
    run: async () => {
      // As it stands now: what somebody else has given it meanwhile stays.
      const now = await api.get<Key>(`/keys/${key.id}`);
      return now.ok ? api.patch<Key>(`/keys/${key.id}`, { scopes: [...new Set([...now.value.scopes, USE_SCOPE])] }, { ifMatch: now.etag }) : now;
    },
  });
  if (done) {
    changed.value = { kind: 'changed', key: done.value };
    toast(t('credentials.grant.done', { name: key.name }));
  }
  return done?.value;
}
