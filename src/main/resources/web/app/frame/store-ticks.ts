import { html, type TemplateResult } from 'lit';
import { note, problemBanner, skeleton } from '../elements/states.js';
import '../elements/tick-groups.js';
import type { ChosenEvent, TickGroup } from '../elements/tick-groups.js';
import { byPlatform, loadStores, stores, storesProblem } from './stores.js';

/** As many stores stand open from the start. */
const MOST_OPEN = 24;

export interface StoreTicks {
  readonly label: string;
  readonly describedBy: unknown;
  /** By key. */
  readonly chosen: readonly string[];
  readonly choose: (chosen: readonly string[]) => void;
  /** What is said where there are no stores. */
  readonly none: string;
}

/** The stores of the organization to be ticked, as soon as they are here. Who shows it follows `stores` and `storesProblem`. */
export function storeTicks({ label, describedBy, chosen, choose, none }: StoreTicks): TemplateResult {
  if (stores.value === undefined) {
    return storesProblem.value ? problemBanner(storesProblem.value, () => void loadStores()) : skeleton(2);
  }
  const groups: TickGroup[] = byPlatform([...stores.value]).map((group) => ({
    name: group.platform ?? '', label: group.label, ticks: group.stores.map((store) => ({ value: store.key, label: store.name, detail: store.url ?? store.key })),
  }));
  return groups.length === 0 ? note('info', none)
    : html`<lk-tick-groups ?all-open=${stores.value.length <= MOST_OPEN} .label=${label} .describedBy=${typeof describedBy === 'string' ? describedBy : ''} .groups=${groups} .chosen=${chosen}
        @change=${(event: ChosenEvent) => choose(event.detail)}></lk-tick-groups>`;
}
