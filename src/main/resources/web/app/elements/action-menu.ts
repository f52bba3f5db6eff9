import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import { session } from '../frame/session.js';
import { PanelElement, uniqueId } from './element.js';
import { icon, type IconName } from './icon.js';

export interface MenuAction {
  readonly name: string;
  readonly label: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly run: () => Promise<void>;
}

/** Pixels that the longest menu takes. */
const ROOM = 300;

/**
 * What can be done with something, behind three dots: extend it, give it `actions` and `label`. Moved through by arrow keys;
 * nothing where the person may do nothing.
 */
export abstract class ActionMenu extends PanelElement {
  static override properties: PropertyDeclarations = { open: { state: true } };
  protected override readonly follows = [session];
  declare private open: boolean;
  readonly #id = uniqueId('menu');

  constructor() {
    super();
    this.open = false;
  }

  /** As things stand, in the order shown. */
  protected abstract actions(): readonly MenuAction[];
  /** What the menu is of. */
  protected abstract label(): string;

  #toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    if (this.open) {
      this.#place(event.target as HTMLElement);
      void this.updateComplete.then(() => this.#items()[0]?.focus());
    }
  };

  /** Where the browser cannot anchor it to its button. */
  #place(menu: HTMLElement): void {
    if (!CSS.supports('position-area', 'bottom')) {
      const button = this.querySelector('button')!.getBoundingClientRect();
      menu.style.setProperty('--menu-top', `${Math.min(button.bottom, innerHeight - ROOM)}px`);
      menu.style.setProperty('--menu-right', `${document.documentElement.clientWidth - button.right}px`);
    }
  }

  #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('[role=menuitem]')];
  }

  #keyed = (event: KeyboardEvent): void => {
    const items = this.#items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[to % items.length]?.focus();
    } else if (event.key === 'Tab') {
      this.#close();
    }
  };

  #close(): void {
    this.querySelector<HTMLElement>('[popover]')?.hidePopover();
  }

  #run(action: MenuAction): void {
    // Closed first, so that the focus stands on the button, to which the dialog gives it back.
    this.#close();
    void action.run();
  }

  protected override render(): TemplateResult | typeof nothing {
    const actions = this.actions();
    if (actions.length === 0) {
      return nothing;
    }
    return html`
      <button type="button" class="icon-button" popovertarget=${this.#id} aria-haspopup="menu" aria-expanded=${this.open ? 'true' : 'false'}
        aria-label=${this.label()}>${icon('more')}</button>
      <div class="menu action-menu" id=${this.#id} popover role="menu" aria-label=${this.label()} @toggle=${this.#toggled} @keydown=${this.#keyed}>
        ${this.open ? actions.map((action) => html`<button type="button" role="menuitem" tabindex="-1" data-action=${action.name}
          class="menu-item ${action.danger ? 'menu-item-danger' : ''}" @click=${() => this.#run(action)}>${icon(action.icon)}<span>${action.label}</span></button>`) : nothing}
      </div>`;
  }
}
