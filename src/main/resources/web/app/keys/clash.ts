import { html, nothing, type TemplateResult } from 'lit';
import { uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { list } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { Catalog } from './catalog.js';
import { changes, draftOf, type Field, type KeyDraft } from './draft.js';
import { expiryText, limitText, storeName, type Key } from './key.js';

const EMPTY = '–';

/** A field that somebody else has changed while it was open here. */
export interface Clash {
  readonly field: Field;
  readonly was: string;
  readonly is: string;
  /** What was typed here, where that field was changed here too. */
  readonly typed: string | null;
  readonly mine: KeyDraft;
  readonly theirs: KeyDraft;
  readonly taken: 'mine' | 'theirs';
}

export function clashesOf(before: Key, now: Key, base: KeyDraft, mine: KeyDraft, theirs: KeyDraft, catalog: Catalog | null): Clash[] {
  const own = changes(base, mine);
  // What both have changed alike is no clash.
  const differ = changes(theirs, mine);
  return (Object.keys(changes(draftOf(before, catalog), theirs)) as Field[]).map((field) => {
    const both = field in own && field in differ;
    return { field, was: text(field, before), is: text(field, now), typed: both ? typedText(field, mine) : null, mine, theirs, taken: both ? 'mine' : 'theirs' };
  });
}

function text(field: Field, key: Key): string {
  switch (field) {
    case 'name': return key.name;
    case 'description': return key.description ?? EMPTY;
    case 'active': return t(key.active ? 'keys.clash.active' : 'keys.clash.inactive');
    case 'scopes': return some(key.scopes);
    case 'methods': return key.methods ? some(key.methods) : t('keys.form.operations.all');
    case 'access': return key.access.type === 'all' ? t('keys.access.all') : some((key.access.stores ?? []).map(storeName));
    case 'expiresAt': return expiryText(key.expiresAt);
    case 'rateLimit': return key.rateLimitSource === 'organization' ? t('keys.limit.default') : limitText(key.rateLimit);
    case 'ipAllowList': return some(key.ipAllowList);
  }
}

function typedText(field: Field, draft: KeyDraft): string {
  switch (field) {
    case 'name': return draft.name;
    case 'description': return draft.description || EMPTY;
    case 'active': return t(draft.active ? 'keys.clash.active' : 'keys.clash.inactive');
    case 'scopes': return some(draft.scopes);
    case 'methods': return draft.operations === 'all' ? t('keys.form.operations.all') : some([...draft.methods, ...draft.otherMethods.split('\n').filter(Boolean)]);
    case 'access': return draft.reach === 'all' ? t('keys.access.all') : some(draft.stores);
    case 'expiresAt': return draft.expiry === 'date' ? draft.expiresOn || EMPTY : expiryText(draft.expiresAt);
    case 'rateLimit': return draft.limit === 'own' ? `${draft.requests} / ${draft.window} ${t(`elements.units.${draft.unit}`)}` : t(`keys.limit.${draft.limit}`);
    case 'ipAllowList': return some(draft.networks.split('\n').filter(Boolean));
  }
}

function some(items: readonly string[]): string {
  return items.length === 0 ? EMPTY : items.length <= 6 ? list(items) : `${items.slice(0, 5).join(', ')} ${t('elements.few', { count: items.length - 5 })}`;
}

/** What the other one changed, above the form; where both changed a field, which of the two it shall be. */
export function clashPanel(clashes: readonly Clash[], take: (clash: Clash, taken: 'mine' | 'theirs') => void): TemplateResult {
  const heading = uniqueId('clash');
  return html`<div class="banner banner-warning clash" role="alert" tabindex="-1" aria-labelledby=${heading}>${icon('warning')}
    <div class="banner-text"><strong id=${heading}>${t('keys.clash.title')}</strong>
      <p>${clashes.length === 0 ? t('keys.clash.nothing') : t('keys.clash.lead')}</p>
      ${clashes.length === 0 ? nothing : html`<dl class="clash-list">${clashes.map((clash) => row(clash, take))}</dl>`}</div></div>`;
}

function row(clash: Clash, take: (clash: Clash, taken: 'mine' | 'theirs') => void): TemplateResult {
  const name = `clash-${clash.field}`;
  return html`<dt>${t(`keys.field.${clash.field}`)}</dt>
    <dd>${clash.typed === null
      ? html`${clash.was === EMPTY ? html`<span class="muted">${EMPTY}</span>` : html`<del>${clash.was}</del>`} ${icon('right')} <ins>${clash.is}</ins>`
      : html`<div class="choices" role="radiogroup" aria-label=${t(`keys.field.${clash.field}`)}>
          <label class="choice"><input type="radio" name=${name} .checked=${clash.taken === 'theirs'} @change=${() => take(clash, 'theirs')}>
            <span>${t('keys.clash.theirs')} <strong>${clash.is}</strong></span></label>
          <label class="choice"><input type="radio" name=${name} .checked=${clash.taken === 'mine'} @change=${() => take(clash, 'mine')}>
            <span>${t('keys.clash.mine')} <strong>${clash.typed}</strong></span></label></div>`}</dd>`;
}
