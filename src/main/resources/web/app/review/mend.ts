import { html, nothing, type TemplateResult } from 'lit';
import { api, type Answer } from '../api/client.js';
import { askAndDo } from '../elements/confirm.js';
import { beforeOpening } from '../elements/dialog.js';
import { refused, toast } from '../elements/toasts.js';
import { changed } from '../keys/actions.js';
import { lastUse, type Key } from '../keys/key.js';
import { NewKeyDialog } from '../keys/new-key-dialog.js';
import { dateTime, duration, list } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { deedOf, spoken, type Deed, type Finding } from './finding.js';

/** What cannot be undone, or stops something that may still be in use, is asked about before. What only narrows is done at once, and can be undone. */
const ASKED = ['regenerate', 'revoke', 'deactivate', 'networks', 'other'] as const satisfies readonly Deed[];
type Asked = (typeof ASKED)[number];
const DANGER: ReadonlySet<Deed> = new Set(['revoke', 'deactivate']);
const BASE = '/api/v1';

/** Makes the advised call. True when it is done. */
export async function mend(finding: Finding): Promise<boolean> {
  const deed = deedOf(finding);
  const before = await beforeOpening(() => api.get<Key>(`/keys/${finding.key.id}`));
  if (!before) {
    return false;
  }
  if (!before.ok) {
    refused(before.problem);
    return before.problem.status === 404;
  }
  const done = isAsked(deed) ? await asked(finding, before.value, deed) : await atOnce(finding, before.value, before.etag, deed);
  if (!done) {
    return false;
  }
  const { key: token, secret, ...rest } = done;
  // An integration is changed by a call of its own, and is no key.
  if (rest.id && pathOf(finding).startsWith('/keys/')) {
    changed.value = { kind: 'changed', key: rest };
  }
  if (token || secret) {
    await new NewKeyDialog(done).open();
  }
  return true;
}

function isAsked(deed: Deed): deed is Asked {
  return (ASKED as readonly Deed[]).includes(deed);
}

async function asked(finding: Finding, key: Key, deed: Asked): Promise<Key | null> {
  const done = await askAndDo<Key>({
    title: t(`review.ask.${deed}`),
    about: key.name,
    body: html`<p>${spoken(finding.detail)}</p><p>${finding.action.description}</p>${consequence(finding, deed)}<p>${lastUse(key)}</p>`,
    action: t(`review.do.${deed}`),
    danger: DANGER.has(deed),
    run: (submission) => (finding.action.method === 'POST'
      ? submission.post<Key>(pathOf(finding), finding.action.body)
      : api.patch<Key>(pathOf(finding), finding.action.body)),
  });
  if (done && deed !== 'regenerate') {
    toast(t(`review.done.${deed}`, { name: key.name }));
  }
  return done?.value ?? null;
}

/** What the person should know beside the advice: what ends, and when. */
function consequence({ action }: Finding, deed: Asked): TemplateResult | typeof nothing {
  const { body } = action;
  switch (deed) {
    case 'regenerate': {
      const grace = typeof body['gracePeriod'] === 'string' ? body['gracePeriod'] : null;
      return html`<p>${t('keys.regenerate.lead')}${grace ? html` ${t('review.grace', { time: duration(grace) })}` : nothing}</p>`;
    }
    case 'networks':
      return html`<p>${t('review.networks')}</p><p><code>${(body['ipAllowList'] as readonly string[]).join(', ')}</code></p>`;
    case 'revoke':
      return html`<p>${t('keys.revoke.body')}</p>`;
    case 'deactivate':
      return html`<p>${t('keys.deactivate.body')}</p>`;
    case 'other':
      return nothing;
  }
}

async function atOnce(finding: Finding, key: Key, etag: string | null, deed: Exclude<Deed, Asked>): Promise<Key | null> {
  const answer: Answer<Key> = await api.patch<Key>(pathOf(finding), finding.action.body, { ifMatch: etag });
  if (!answer.ok) {
    refused(answer.problem);
    return null;
  }
  toast(told(answer.value, deed), 'done', { label: t('review.undo'), run: () => void undo(finding, key) });
  return answer.value;
}

function told(key: Key, deed: Exclude<Deed, Asked>): string {
  switch (deed) {
    case 'expiry': return t('review.done.expiry', { name: key.name, when: key.expiresAt ? dateTime(key.expiresAt) : '' });
    case 'scopes': return t('review.done.scopes', { name: key.name, scopes: list(key.scopes) });
    case 'stores': return t('review.done.stores', { name: key.name });
  }
}

/** Puts back the fields that the call has changed, as they were. */
async function undo(finding: Finding, before: Key): Promise<void> {
  const fields = Object.keys(finding.action.body) as (keyof Key)[];
  const patch = Object.fromEntries(fields.map((field) => [field, field === 'access'
    ? before.access.type === 'all' ? { type: 'all' } : { type: 'stores', stores: (before.access.stores ?? []).map((store) => store.key) }
    : before[field]]));
  const answer = await api.patch<Key>(pathOf(finding), patch);
  if (answer.ok) {
    changed.value = { kind: 'changed', key: answer.value };
    toast(t('review.undone', { name: before.name }));
  } else {
    refused(answer.problem);
  }
}

/** The client knows where the API lives. */
function pathOf({ action }: Finding): string {
  return action.path.startsWith(BASE) ? action.path.slice(BASE.length) : action.path;
}
