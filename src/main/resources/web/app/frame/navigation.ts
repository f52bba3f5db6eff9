import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { t } from '../texts/texts.js';
import '../notices/bell.js';
import { addressOf } from './addresses.js';
import { pages, type PageOf } from './pages.js';
import { openPalette } from './palette.js';
import { place } from './router.js';
import { may, session } from './session.js';
import { currentStore } from './stores.js';
import './person-menu.js';
import './store-switch.js';

const GROUPS = ['access', 'settings'] as const;

/** On a wide page a column at the side, on a narrow one a drawer. What the person may not open does not stand in it. */
class Navigation extends PanelElement {
  static override properties = { open: { type: Boolean, reflect: true } };
  protected override readonly follows = [session, place, currentStore];
  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.open && !event.defaultPrevented) {
        this.dispatchEvent(new CustomEvent('leave'));
      }
    });
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('open') && this.open) {
      this.querySelector<HTMLElement>('.navigation button, .navigation a')?.focus();
    }
  }

  protected override render(): TemplateResult {
    return html`
      <div class="scrim" @click=${() => this.dispatchEvent(new CustomEvent('leave'))}></div>
      <nav class="navigation" aria-label=${t('frame.navigation')}>
        <div class="navigation-head"><a class="brand" href="/"><span class="brand-mark">${icon('key')}</span>Latchkey</a><lk-bell></lk-bell></div>
        ${may('stores:read') ? html`<lk-store-switch></lk-store-switch>` : nothing}
        <button class="palette-button" @click=${() => openPalette()}>
          ${icon('search')}<span>${t('frame.palette.button')}</span><kbd>${isApple ? '⌘K' : 'Ctrl K'}</kbd></button>
        <div class="navigation-pages">${GROUPS.map((group) => this.#group(group))}</div>
        <lk-person-menu></lk-person-menu>
      </nav>`;
  }

  #group(group: (typeof GROUPS)[number]): TemplateResult | typeof nothing {
    const shown = pages.filter((page) => page.navigation?.group === group && (!page.permission || may(page.permission)));
    if (shown.length === 0) {
      return nothing;
    }
    const heading = `navigation-${group}`;
    return html`<h2 id=${heading}>${t(`frame.groups.${group}`)}</h2>
      <ul aria-labelledby=${heading}>${shown.map((page) => this.#item(page))}</ul>`;
  }

  #item(page: PageOf): TemplateResult {
    const { icon: name } = page.navigation!;
    const here = place.value.page === page || place.value.page?.within === page.name;
    return html`<li><a href=${addressOf(page)} aria-current=${here ? 'page' : nothing}>${icon(name)}<span>${t(page.title)}</span></a></li>`;
  }
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

define('lk-navigation', Navigation);
