import { html, nothing, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { t } from '../texts/texts.js';
import { eventGroups, type EventType } from './event-types.js';

/** What a receiver gets: the example of an event, by choice of those that a webhook asks for, or of all others. */
export class EventExample extends PanelElement {
  static override properties = { types: { attribute: false }, chosen: { attribute: false }, picked: { state: true } };
  declare types: readonly EventType[];
  declare chosen: readonly string[];
  /** Null: that which was chosen last. */
  declare private picked: string | null;
  readonly #id = uniqueId('example');

  constructor() {
    super();
    this.types = [];
    this.chosen = [];
    this.picked = null;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('chosen') as readonly string[] | undefined;
    const added = before && this.chosen.filter((name) => !before.includes(name));
    if (added && added.length > 0) {
      this.picked = added[added.length - 1]!;
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const shown = this.types.find((type) => type.name === this.picked) ?? this.types.find((type) => this.chosen.includes(type.name)) ?? this.types[0];
    if (!shown) {
      return nothing;
    }
    const text = JSON.stringify(shown.example, null, 2);
    return html`<div class="event-example"><div class="shown-head"><label class="label" for="${this.#id}-of">${t('webhooks.example.of')}</label>
        <select class="input input-compact" id="${this.#id}-of" @change=${(event: Event) => { event.stopPropagation(); this.picked = (event.target as HTMLSelectElement).value; }}>
          ${this.#group(t('webhooks.example.chosen'), this.types.filter((type) => this.chosen.includes(type.name)), shown)}
          ${eventGroups(this.types.filter((type) => !this.chosen.includes(type.name))).map((group) =>
            this.#group(group.label, group.ticks.map((tick) => this.types.find((type) => type.name === tick.value)!), shown))}</select>
        <lk-copy .text=${text} .label=${t('webhooks.example.copy')}></lk-copy></div>
      <p class="help">${shown.description}</p>
      <pre class="code-block" tabindex="0" role="region" aria-label=${t('webhooks.example.label', { event: shown.name })} translate="no"><code>${text}</code></pre></div>`;
  }

  #group(label: string, types: readonly EventType[], shown: EventType): TemplateResult | typeof nothing {
    return types.length === 0 ? nothing : html`<optgroup label=${label}>${types.map((type) =>
      html`<option value=${type.name} translate="no" .selected=${type === shown}>${type.name}</option>`)}</optgroup>`;
  }
}

define('lk-event-example', EventExample);
