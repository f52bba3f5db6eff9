import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon, type IconName } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { errorState, skeleton } from '../elements/states.js';
import { timeAgo } from '../elements/values.js';
import { dateTime, list, number } from '../texts/format.js';
import { isTextKey, rich, t } from '../texts/texts.js';
import { takesChanges } from './actions.js';
import { verdictText } from './verdicts.js';

interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly actor: { readonly type: 'person' | 'key' | 'system'; readonly id: string; readonly name: string };
  readonly action: string;
  readonly changes: readonly Change[];
  readonly ip: string | null;
}

const ICONS: Readonly<Record<string, IconName>> = {
  'key.created': 'plus', 'key.updated': 'edit', 'key.regenerated': 'refresh', 'key.revealed': 'eye', 'key.grace_ended': 'clock', 'key.revoked': 'error',
  'key.deleted': 'trash', 'key.first_used': 'check', 'key.used_from_new_network': 'link', 'key.refused': 'warning', 'key.leaked': 'warning',
};
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const EMPTY = '–';

/** What was done to a key and with it, the newest first: its part of the activity log. */
export class KeyActivity extends PanelElement {
  static override properties = { keyId: { attribute: false } };
  declare keyId: string;
  readonly #list = new List<Entry>(this, '/activity', 10);
  readonly #id = uniqueId('activity');
  #asked = '';

  constructor() {
    super();
    takesChanges(this, (change) => {
      if (change.kind === 'changed' && change.key.id === this.keyId) {
        void this.#list.load();
      }
    });
  }

  protected override willUpdate(): void {
    if (this.keyId !== this.#asked) {
      this.#asked = this.keyId;
      void this.#list.load({ targetId: this.keyId });
    }
  }

  protected override render(): TemplateResult {
    return html`<section class="key-section" aria-labelledby=${this.#id}>
      <header class="section-head"><h2 id=${this.#id}>${t('keys.activity')}</h2>
        <button type="button" class="icon-button" aria-label=${t('keys.activity.reload')} title=${t('keys.activity.reload')} @click=${() => void this.#list.load()}>${icon('refresh')}</button></header>
      ${this.#content()}</section>`;
  }

  #content(): TemplateResult | typeof nothing {
    const entries = this.#list;
    if (!entries.loaded) {
      return entries.problem ? errorState(entries.problem, () => void entries.load()) : skeleton(3);
    }
    return entries.items.length === 0 && !entries.problem ? html`<p class="section-none">${t('keys.activity.none')}</p>`
      : html`${entries.header()}<ol class="card activity" aria-busy=${entries.loading ? 'true' : 'false'}>${entries.items.map((entry) => html`<li data-action=${entry.action}>
        <span class="activity-icon">${icon(ICONS[entry.action] ?? 'info')}</span>
        <div><p><strong>${actionText(entry.action)}</strong> ${who(entry)}</p>${changesOf(entry)}</div>
        <span class="activity-when">${timeAgo(entry.at)}</span></li>`)}</ol>${entries.footer()}`;
  }
}

function actionText(action: string): string {
  const key = `keys.activity.${action.replace(/^key\./, '')}`;
  return isTextKey(key) ? t(key) : action;
}

/** What was counted has nobody who did it. */
function who({ actor, ip }: Entry): TemplateResult | typeof nothing {
  if (actor.type === 'system') {
    return nothing;
  }
  const name = html`<span translate="no">${actor.type === 'key' ? t('keys.createdByKey', { name: actor.name }) : actor.name}</span>`;
  return html`<span class="muted">${ip ? rich('keys.activity.byFrom', { name, ip: html`<code>${ip}</code>` }) : rich('keys.activity.by', { name })}</span>`;
}

function changesOf({ action, changes }: Entry): TemplateResult | typeof nothing {
  // What it was made with stands in the facts, or in the changes since.
  if (action === 'key.created' || changes.length === 0) {
    return nothing;
  }
  return html`<dl class="changes">${changes.map((change) => html`<div><dt>${fieldText(change.field)}</dt><dd translate="no">${change.before === null && action !== 'key.updated'
    ? valueOf(change.field, change.after)
    : html`<del>${valueOf(change.field, change.before)}</del> ${icon('right')} <ins>${valueOf(change.field, change.after)}</ins>`}</dd></div>`)}</dl>`;
}

function fieldText(field: string): string {
  const key = `keys.field.${field}`;
  return isTextKey(key) ? t(key) : field;
}

function valueOf(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') {
    return field === 'expiresAt' ? t('keys.expiry.never') : EMPTY;
  }
  if (field === 'codes' && typeof value === 'object') {
    return list(Object.entries(value as Record<string, number>).map(([code, count]) => `${verdictText(code)} (${number(count)})`));
  }
  if (field === 'access' && value === 'all') {
    return t('keys.access.all');
  }
  if (field === 'parts' && Array.isArray(value)) {
    return list(value.map((part: unknown) => t(part === 'secret' ? 'keys.new.secret' : 'keys.new.key')));
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? EMPTY : value.join(', ');
  }
  if (typeof value === 'boolean') {
    return t(value ? 'keys.activity.yes' : 'keys.activity.no');
  }
  if (typeof value === 'number') {
    return number(value);
  }
  return typeof value === 'string' ? (INSTANT.test(value) ? dateTime(value) : value) : JSON.stringify(value);
}

define('lk-key-activity', KeyActivity);
