import { html, nothing, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { tag, timeAgo } from '../elements/values.js';
import { storeName } from '../keys/key.js';
import { dateTime } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { subjectName, subjectOf } from './event-types.js';
import type { Webhook } from './webhook.js';

/** What a webhook asks for, what its messages carry, and where it comes from. */
export function webhookFacts(webhook: Webhook): TemplateResult {
  const { secret, stores } = webhook;
  const headers = Object.keys(webhook.headers);
  return html`<div class="facts">
    ${section('events', html`<dl class="fact-groups">${subjects(webhook.events).map(([subject, names]) =>
      html`<div><dt>${subjectName(subject)}</dt>${names.map((name) => html`<dd><code>${name}</code></dd>`)}</div>`)}</dl>`)}
    ${section('stores', stores === 'all'
      ? html`<p>${tag({ label: t('frame.stores.all'), tone: 'accent' })}</p><p class="help">${t('webhooks.form.reach.allHelp')}</p>`
      : html`<ul class="fact-list">${stores.map((store) => html`<li><a href="/store/${encodeURIComponent(store.key)}/settings/webhooks" translate="no">${storeName(store)}</a></li>`)}</ul>`)}
    ${section('message', html`<dl>
      ${fact(t('webhooks.facts.secret'), html`${t('webhooks.facts.secretSince', { when: dateTime(secret.updatedAt) })}${secret.previousUntil
        ? html`<span class="key-note fact-overlap">${rich('webhooks.facts.overlap', { when: html`<strong>${dateTime(secret.previousUntil)}</strong>` })}</span>` : nothing}`)}
      ${fact(t('webhooks.form.headers'), headers.length === 0 ? html`<span class="muted">${t('webhooks.facts.noHeaders')}</span>`
        : html`<ul class="fact-list">${headers.map((name) => html`<li><code>${name}</code> <span class="muted" aria-hidden="true">••••</span></li>`)}</ul>`)}</dl>`)}
    ${section('origin', html`<dl>
      ${webhook.description ? fact(t('webhooks.form.description'), html`<span class="fact-text" translate="no">${webhook.description}</span>`) : nothing}
      ${fact(t('keys.columns.created'), dateTime(webhook.createdAt))}
      ${fact(t('keys.facts.changed'), timeAgo(webhook.updatedAt))}
      ${fact(t('keys.facts.id'), html`<span class="fact-id"><code>${webhook.id}</code><lk-copy .text=${webhook.id} .label=${t('keys.facts.copyId')}></lk-copy></span>`)}</dl>`)}
  </div>`;
}

function subjects(events: readonly string[]): [string, string[]][] {
  const found = new Map<string, string[]>();
  events.forEach((name) => found.set(subjectOf(name), [...(found.get(subjectOf(name)) ?? []), name]));
  return [...found];
}

function section(name: 'events' | 'stores' | 'message' | 'origin', content: TemplateResult): TemplateResult {
  return html`<section aria-labelledby="facts-${name}" data-facts=${name}><h2 id="facts-${name}">${t(`webhooks.facts.${name}`)}</h2>${content}</section>`;
}

function fact(name: string, value: TemplateResult | string): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
