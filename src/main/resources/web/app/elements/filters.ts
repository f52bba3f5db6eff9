import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../texts/texts.js';
import { icon } from './icon.js';

/**
 * What a list is narrowed by. The values live in the address (`setQuery` of the router), so that a filtered list can be sent to
 * somebody and survives a reload.
 */
export interface Filters {
  readonly label: string;
  readonly search?: { readonly label: string; readonly name: string; readonly value: string };
  readonly selects: readonly Select[];
  /** Told at once for selects, and after a pause in typing for the text. */
  readonly change: (name: string, value: string) => void;
  readonly clear: () => void;
  /** Further controls behind the selects. */
  readonly more?: TemplateResult;
  /** How many there are, or that there are none. */
  readonly summary?: string;
}

export interface Select {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** The first one means: not narrowed by this. */
  readonly options: readonly { readonly value: string; readonly label: string; readonly group?: string }[];
}

const PAUSE_MILLIS = 200;
const waiting = new WeakMap<Element, ReturnType<typeof setTimeout>>();

/** After a pause, unless the page was left meanwhile: the address is another's then. */
function later(input: HTMLInputElement, run: () => void): void {
  const at = location.pathname;
  clearTimeout(waiting.get(input));
  waiting.set(input, setTimeout(() => location.pathname === at && run(), PAUSE_MILLIS));
}

export function filters({ label, search, selects, change, clear, more, summary }: Filters): TemplateResult {
  const narrowed = Boolean(search?.value) || more !== undefined || selects.some((select) => select.value !== (select.options[0]?.value ?? ''));
  return html`<search class="filters" role="search" aria-label=${label}>
    ${search ? html`<label class="filter-search"><span class="visually-hidden">${search.label}</span>${icon('search')}
      <input class="input" type="search" name=${search.name} placeholder=${search.label} autocomplete="off" spellcheck="false" .value=${search.value}
        @input=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          later(input, () => change(search.name, input.value));
        }}></label>` : nothing}
    ${selects.map((select) => filterSelect(select, change))}
    ${more ?? nothing}
    ${narrowed ? html`<button type="button" class="link-button" @click=${(event: Event) => {
      const input = (event.target as Element).closest('search')?.querySelector('input');
      if (input) {
        clearTimeout(waiting.get(input));
      }
      clear();
    }}>${t('elements.filters.clear')}</button>` : nothing}
    ${summary ? html`<span class="filter-summary" role="status">${summary}</span>` : nothing}
  </search>`;
}

function filterSelect(select: Select, change: Filters['change']): TemplateResult {
  const groups = [...new Set(select.options.map((option) => option.group))];
  const option = ({ value, label }: Select['options'][number]): TemplateResult =>
    html`<option value=${value} .selected=${value === select.value}>${label}</option>`;
  return html`<label class="filter"><span>${select.label}</span>
    <select class="input" name=${select.name} data-narrowed=${select.value !== (select.options[0]?.value ?? '') ? '' : nothing}
      @change=${(event: Event) => change(select.name, (event.target as HTMLSelectElement).value)}>
      ${groups.map((group) => {
        const members = select.options.filter((each) => each.group === group);
        return group === undefined ? members.map(option) : html`<optgroup label=${group}>${members.map(option)}</optgroup>`;
      })}</select></label>`;
}
