import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { uniqueId } from './element.js';
import { icon } from './icon.js';

export interface Choices<C> {
  /** null: they stand above the groups. */
  readonly label: string | null;
  readonly choices: readonly C[];
}

export interface Combo<C> {
  /** What can be chosen as things stand, in the order shown. */
  readonly groups: () => readonly Choices<C>[];
  /** The same for the same choice, however often `groups` makes it anew. */
  readonly id: (choice: C) => string;
  readonly choose: (choice: C) => void;
  readonly typed?: () => void;
}

/**
 * A field that is typed into, above a list that the arrow keys move through. It knows *what* is marked and not where: choices that
 * come late, above the marked one, do not change what Enter chooses.
 */
export class Combobox<C> implements ReactiveController {
  text = '';
  #groups: readonly Choices<C>[] = [];
  #marked: string | null = null;
  readonly #id = uniqueId('choices');
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #combo: Combo<C>;

  constructor(host: ReactiveControllerHost & HTMLElement, combo: Combo<C>) {
    this.#host = host;
    this.#combo = combo;
    host.addController(this);
  }

  hostUpdate(): void {
    this.#groups = this.#combo.groups();
    if (this.#at < 0) {
      const first = this.#choices[0];
      this.#marked = first === undefined ? null : this.#combo.id(first);
    }
  }

  /** Begins anew, with this one marked if it is there. */
  begin(marked: string | null): void {
    this.text = '';
    this.#mark(marked);
    this.#show();
  }

  get count(): number {
    return this.#choices.length;
  }

  get #choices(): C[] {
    return this.#groups.flatMap((group) => group.choices);
  }

  get #at(): number {
    return this.#choices.findIndex((choice) => this.#combo.id(choice) === this.#marked);
  }

  #mark(id: string | null): void {
    this.#marked = id;
    this.#host.requestUpdate();
  }

  #show(): void {
    void this.#host.updateComplete.then(() => this.#host.querySelector('[role=option][data-active]')?.scrollIntoView({ block: 'nearest' }));
  }

  #typed = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.#mark(null);
    this.#combo.typed?.();
  };

  #keyed = (event: KeyboardEvent): void => {
    const choices = this.#choices;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && choices.length > 0) {
      event.preventDefault();
      this.#mark(this.#combo.id(choices[(this.#at + step + choices.length) % choices.length]!));
      this.#show();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = choices[this.#at];
      if (chosen !== undefined) {
        this.#combo.choose(chosen);
      }
    }
  };

  field(label: string, after: TemplateResult | typeof nothing = nothing): TemplateResult {
    const at = this.#at;
    return html`<div class="menu-search">${icon('search')}<input type="text" role="combobox" aria-expanded="true" aria-controls="${this.#id}-list"
      aria-activedescendant=${at < 0 ? nothing : `${this.#id}-${at}`} aria-label=${label} placeholder=${label} autocomplete="off" spellcheck="false"
      .value=${this.text} @keydown=${this.#keyed} @input=${this.#typed}>${after}</div>`;
  }

  /** @param isChosen where one of them is chosen already; else the marked one counts as that */
  list(label: string, show: (choice: C) => TemplateResult, isChosen?: (choice: C) => boolean): TemplateResult {
    const at = this.#at;
    let index = -1;
    const option = (choice: C): TemplateResult => {
      index += 1;
      const id = this.#combo.id(choice);
      return html`<div role="option" id="${this.#id}-${index}" class="menu-item" ?data-active=${index === at}
        aria-selected=${(isChosen ? isChosen(choice) : index === at) ? 'true' : 'false'} @click=${() => this.#combo.choose(choice)}
        @pointermove=${() => id !== this.#marked && this.#mark(id)}>${show(choice)}</div>`;
    };
    return html`<div class="menu-list" role="listbox" id="${this.#id}-list" aria-label=${label}>${this.#groups.map((group) => (group.label === null
      ? group.choices.map(option)
      : html`<div role="group" aria-label=${group.label}><div class="menu-heading" aria-hidden="true">${group.label}</div>${group.choices.map(option)}</div>`))}</div>`;
  }
}
