import { html, nothing, type TemplateResult } from 'lit';
import { tag, timeAgo, timeAgoInText } from '../elements/values.js';
import { dateTime } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { actionsOf } from './actions.js';
import { patternOf, type Catalog } from './catalog.js';
import { expiryText, limitText, storeName, type Key } from './key.js';

/** What a key is allowed, how far it reaches, where its ends are and where it comes from. */
export function keyFacts(key: Key, catalog: Catalog | null): TemplateResult {
  return html`<div class="facts">
    ${key.previous ? predecessor(key) : nothing}
    ${section('abilities', html`
      ${key.scopes.length === 0 ? key.methods ? nothing : html`<p class="muted">${t('keys.facts.noScopes')}</p>` : scopes(key, catalog)}
      <h3>${t('keys.field.methods')}</h3>${key.methods ? methods(key.methods, catalog) : html`<p>${t('keys.form.operations.all')}</p>`}`)}
    ${section('reach', key.access.type === 'all'
      ? html`<p>${tag({ label: t('keys.access.all'), tone: 'accent' })}</p><p class="help">${t('keys.form.reach.allHelp')}</p>`
      : html`<ul class="fact-list">${(key.access.stores ?? []).map((store) => html`<li><a href="/store/${encodeURIComponent(store.key)}/settings/api" translate="no">${storeName(store)}</a></li>`)}</ul>`)}
    ${section('limits', html`<dl>
      ${fact(t('keys.field.rateLimit'), html`${limitText(key.rateLimit)}${key.rateLimitSource === 'organization' ? html`<span class="key-note">${t('keys.limit.default')}</span>` : nothing}`)}
      ${fact(t('keys.field.ipAllowList'), key.ipAllowList.length === 0 ? t('keys.facts.anywhere') : html`<ul class="fact-list">${key.ipAllowList.map((network) => html`<li><code>${network}</code></li>`)}</ul>`)}
      ${fact(t('keys.field.expiresAt'), key.expiresAt ? html`${expiryText(key.expiresAt)}<span class="key-note">${timeAgo(key.expiresAt)}</span>` : expiryText(null))}</dl>`)}
    ${section('origin', html`<dl>
      ${fact(t('keys.columns.created'), html`${dateTime(key.createdAt)}<span class="key-note" translate="no">${key.createdBy.type === 'key' ? t('keys.createdByKey', { name: key.createdBy.name }) : key.createdBy.name}</span>`)}
      ${fact(t('keys.facts.changed'), timeAgo(key.updatedAt))}
      ${fact(t('keys.columns.used'), html`${timeAgo(key.lastUsedAt)}${key.lastUsedIp ? html`<span class="key-note">${rich('keys.facts.from', { ip: html`<code>${key.lastUsedIp}</code>` })}</span>` : nothing}`)}
      ${fact(t('keys.form.pair'), html`${t(key.hasSecret ? 'keys.form.pair.pair' : 'keys.form.pair.key')}<span class="key-note">${t(key.recoverable ? 'keys.facts.recoverable' : 'keys.facts.notRecoverable')}</span>`)}
      ${fact(t('keys.facts.id'), html`<span class="fact-id"><code>${key.id}</code><lk-copy .text=${key.id} .label=${t('keys.facts.copyId')}></lk-copy></span>`)}</dl>`)}
  </div>`;
}

function section(name: 'abilities' | 'reach' | 'limits' | 'origin', content: TemplateResult): TemplateResult {
  return html`<section aria-labelledby="facts-${name}" data-facts=${name}><h2 id="facts-${name}">${t(`keys.facts.${name}`)}</h2>${content}</section>`;
}

function fact(name: string, value: TemplateResult | string): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** Its old token or secret, which works until its grace period ends. */
function predecessor(key: Key): TemplateResult {
  const { previous } = key;
  const end = actionsOf(key).find((action) => action.name === 'endGrace');
  return html`<section class="predecessor" aria-labelledby="facts-previous" data-facts="previous"><h2 id="facts-previous">${t('keys.facts.previous')}</h2>
    <p>${rich('keys.facts.previousUntil', { start: html`<code>${previous!.start}…</code>`, when: html`<strong>${dateTime(previous!.diesAt)}</strong>` })}</p>
    <p>${previous!.lastUsedAt ? rich('keys.endGrace.used', { when: timeAgoInText(previous!.lastUsedAt) }) : t('keys.endGrace.unused')}</p>
    ${end ? html`<button type="button" class="button button-small" @click=${() => void end.run()}>${t('keys.actions.endGrace')}</button>` : nothing}</section>`;
}

function scopes(key: Key, catalog: Catalog | null): TemplateResult {
  const held = new Set(key.scopes);
  const groups = (catalog?.groups ?? []).map((group) => ({ name: group.name, entries: group.scopes.filter((scope) => held.has(scope.name)).map((scope) => ({ text: scope.name, help: scope.description })) }));
  return grouped(groups, key.scopes);
}

function methods(held: readonly string[], catalog: Catalog | null): TemplateResult {
  const groups = (catalog?.groups ?? []).map((group) => ({
    name: group.name,
    entries: group.methods.filter((method) => held.includes(patternOf(method))).map((method) => ({ text: patternOf(method), help: method.summary })),
  }));
  return grouped(groups, held);
}

interface Group {
  readonly name: string;
  readonly entries: readonly { readonly text: string; readonly help: string }[];
}

/** Under the groups of the catalogue; what it does not know (any more) comes last. */
function grouped(groups: readonly Group[], all: readonly string[]): TemplateResult {
  const known = new Set(groups.flatMap((group) => group.entries.map((entry) => entry.text)));
  const rest = all.filter((text) => !known.has(text)).map((text) => ({ text, help: '' }));
  const shown = [...groups.filter((group) => group.entries.length > 0), ...(rest.length > 0 ? [{ name: t('keys.facts.others'), entries: rest }] : [])];
  return html`<dl class="fact-groups">${shown.map((group) => html`<div><dt>${group.name}</dt>
    ${group.entries.map((entry) => html`<dd><code>${entry.text}</code>${entry.help ? html`<span class="key-note">${entry.help}</span>` : nothing}</dd>`)}</div>`)}</dl>`;
}
