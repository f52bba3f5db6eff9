import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { t } from '../texts/texts.js';
import { define, PanelElement, uniqueId } from './element.js';
import { icon } from './icon.js';

export interface Tick {
  /** What is chosen when it is ticked. */
  readonly value: string;
  readonly label: string;
  readonly detail?: string;
  /** The label is code: a scope, a method pattern. */
  readonly mono?: boolean;
  readonly disabled?: boolean;
}

export interface TickGroup {
  readonly name: string;
  readonly label: string;
  readonly ticks: readonly Tick[];
}

const SEARCHED_FROM = 12;

/** Of a form that was changed by somebody else meanwhile: each tick is a choice of its own. */
export function mergedTicks(before: readonly string[], mine: readonly string[], saved: readonly string[]): readonly string[] {
  const kept = saved.filter((value) => mine.includes(value) || !before.includes(value));
  return [...kept, ...mine.filter((value) => !before.includes(value) && !saved.includes(value))];
}

/**
 * Many of many, in groups, each with a tick for the whole block: scopes, API methods, stores. `groups` and `chosen` go in, a
 * `change` event with the new `chosen` comes out; values that no group has are kept. A `find` event tells what is typed to find some:
 * where there are more than are listed, they can be asked for.
 *
 *     <lk-tick-groups label="Scopes" .groups=${groups} .chosen=${draft.scopes}
 *       @change=${(event: ChosenEvent) => form.set({ scopes: event.detail })}></lk-tick-groups>
 */
export class TickGroups extends PanelElement {
  static override properties = {
    groups: { attribute: false }, chosen: { attribute: false }, label: {}, describedBy: { attribute: false }, disabled: { type: Boolean },
    allOpen: { type: Boolean, attribute: 'all-open' }, searching: { type: Boolean }, text: { state: true }, toggled: { state: true },
  };
  declare groups: readonly TickGroup[];
  declare chosen: readonly string[];
  declare label: string;
  declare describedBy: string;
  declare disabled: boolean;
  /** Groups are open from the start; otherwise those in which something is ticked. */
  declare allOpen: boolean;
  /** More of them are on their way, by what is typed to find them. */
  declare searching: boolean;
  declare private text: string;
  /** Groups that the person has opened (true) or closed (false). */
  declare private toggled: ReadonlyMap<string, boolean>;
  readonly #id = uniqueId('ticks');
  #openAtFirst: Set<string> | null = null;

  constructor() {
    super();
    this.groups = [];
    this.chosen = [];
    this.label = '';
    this.describedBy = '';
    this.disabled = false;
    this.allOpen = false;
    this.searching = false;
    this.text = '';
    this.toggled = new Map();
  }

  #tick(values: readonly string[], on: boolean): void {
    const chosen = new Set(this.chosen);
    values.forEach((value) => (on ? chosen.add(value) : chosen.delete(value)));
    this.chosen = [...chosen];
    this.dispatchEvent(new CustomEvent('change', { detail: this.chosen }));
  }

  #find(text: string): void {
    this.text = text;
    this.dispatchEvent(new CustomEvent('find', { detail: text }));
  }

  #isOpen(group: TickGroup): boolean {
    // Decided once: a group does not close under the hand of who unticks its last one.
    if (!this.#openAtFirst && this.groups.length > 0) {
      this.#openAtFirst = new Set(this.groups.filter((each) => this.allOpen || this.groups.length === 1
        || each.ticks.some((tick) => this.chosen.includes(tick.value))).map((each) => each.name));
    }
    return this.text.trim() !== '' || (this.toggled.get(group.name) ?? this.#openAtFirst?.has(group.name) ?? false);
  }

  #matching(): TickGroup[] {
    const words = this.text.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) {
      return [...this.groups];
    }
    return this.groups
      .map((group) => ({
        ...group,
        ticks: group.ticks.filter((tick) => {
          const all = `${group.label} ${tick.label} ${tick.value} ${tick.detail ?? ''}`.toLocaleLowerCase();
          return words.every((word) => all.includes(word));
        }),
      }))
      .filter((group) => group.ticks.length > 0);
  }

  protected override render(): TemplateResult {
    const total = this.groups.reduce((sum, group) => sum + group.ticks.length, 0);
    const shown = this.#matching();
    return html`<div class="ticks" role="group" aria-label=${this.label} aria-describedby=${this.describedBy || nothing}>
      ${total >= SEARCHED_FROM && !this.disabled ? html`<label class="filter-search"><span class="visually-hidden">${t('elements.ticks.find')}</span>${icon('search')}
        <input class="input" type="search" placeholder=${t('elements.ticks.find')} autocomplete="off" spellcheck="false" .value=${this.text}
          @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && event.preventDefault()} @change=${(event: Event) => event.stopPropagation()}
          @input=${(event: Event) => { event.stopPropagation(); this.#find((event.target as HTMLInputElement).value); }}></label>` : nothing}
      ${shown.map((group, index) => this.#group(group, index))}
      ${shown.length === 0 ? html`<p class="help" role="status">${this.searching ? t('elements.loading') : t('elements.ticks.none', { text: this.text })}</p>` : nothing}
    </div>`;
  }

  #group(group: TickGroup, index: number): TemplateResult {
    const values = group.ticks.filter((tick) => !tick.disabled).map((tick) => tick.value);
    const ticked = group.ticks.filter((tick) => this.chosen.includes(tick.value)).length;
    const enabledTicked = values.filter((value) => this.chosen.includes(value)).length;
    const open = this.#isOpen(group);
    const id = `${this.#id}-${index}`;
    return html`<div class="tick-group" role="group" aria-labelledby="${id}-label">
      <div class="tick-head">
        <input type="checkbox" id="${id}-all" .checked=${live(values.length > 0 && enabledTicked === values.length)}
          .indeterminate=${live(enabledTicked > 0 && enabledTicked < values.length)} ?disabled=${this.disabled || values.length === 0}
          @change=${(event: Event) => { event.stopPropagation(); this.#tick(values, enabledTicked < values.length); }}>
        <label id="${id}-label" for="${id}-all">${group.label}</label>
        <span class="tick-count">${t('elements.ticks.count', { ticked, total: group.ticks.length })}</span>
        <button type="button" class="icon-button" aria-expanded=${open ? 'true' : 'false'} aria-controls="${id}-list"
          aria-label=${t(open ? 'elements.ticks.close' : 'elements.ticks.open', { name: group.label })}
          @click=${() => { this.toggled = new Map(this.toggled).set(group.name, !open); }}>${icon('down')}</button>
      </div>
      <div class="tick-list" id="${id}-list" ?hidden=${!open}>${open ? group.ticks.map((tick) => this.#one(tick)) : nothing}</div>
    </div>`;
  }

  #one(tick: Tick): TemplateResult {
    return html`<label class="tick"><input type="checkbox" .checked=${live(this.chosen.includes(tick.value))} ?disabled=${this.disabled || tick.disabled}
      @change=${(event: Event) => { event.stopPropagation(); this.#tick([tick.value], (event.target as HTMLInputElement).checked); }}>
      <span><span class=${tick.mono ? 'mono' : ''}>${tick.label}</span>${tick.detail ? html`<span class="help">${tick.detail}</span>` : nothing}</span></label>`;
  }
}

export type ChosenEvent = CustomEvent<readonly string[]>;
export type SearchedEvent = CustomEvent<string>;

define('lk-tick-groups', TickGroups);
