import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { session } from '../frame/session.js';
import { t } from '../texts/texts.js';
import { actionsOf, type KeyAction } from './actions.js';
import type { Key } from './key.js';

/** Pixels that the longest menu takes. */
const ROOM = 300;

/** What can be done with a key, behind three dots. Moved through by arrow keys; nothing where the person may do nothing. */
export class KeyMenu extends PanelElement {
  static override properties = { of: { attribute: false }, open: { state: true } };
  protected override readonly follows = [session];
  declare of: Key;
  declare private open: boolean;
  readonly #id = uniqueId('key-menu');

  constructor() {
    super();
    this.open = false;
  }

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

  #run(action: KeyAction): void {
    // Closed first, so that the focus stands on the button, to which the dialog gives it back.
    this.#close();
    void action.run();
  }

  protected override render(): TemplateResult | typeof nothing {
    const actions = actionsOf(this.of);
    if (actions.length === 0) {
      return nothing;
    }
    return html`
      <button type="button" class="icon-button" popovertarget=${this.#id} aria-haspopup="menu" aria-expanded=${this.open ? 'true' : 'false'}
        aria-label=${t('keys.menu', { name: this.of.name })}>${icon('more')}</button>
      <div class="menu key-menu" id=${this.#id} popover role="menu" aria-label=${t('keys.menu', { name: this.of.name })} @toggle=${this.#toggled} @keydown=${this.#keyed}>
        ${this.open ? actions.map((action) => html`<button type="button" role="menuitem" tabindex="-1" data-action=${action.name}
          class="menu-item ${action.danger ? 'menu-item-danger' : ''}" @click=${() => this.#run(action)}>${icon(action.icon)}<span>${t(`keys.actions.${action.name}`)}</span></button>`) : nothing}
      </div>`;
  }
}

define('lk-key-menu', KeyMenu);
