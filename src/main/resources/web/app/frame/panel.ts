import { html, nothing, type TemplateResult } from 'lit';
import { late } from '../api/client.js';
import { isPassing, type Problem } from '../api/problem.js';
import { define, PanelElement } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { toast } from '../elements/toasts.js';
import { time } from '../texts/format.js';
import { locale, t } from '../texts/texts.js';
import type { PageOf } from './pages.js';
import { followLinks, go, place } from './router.js';
import { ended, may, restore, session } from './session.js';
import { askToSignInAgain } from './sign-in-again.js';
import { currentStore, enterStore } from './stores.js';
import { subject } from './subject.js';
import { openPalette } from './palette.js';
import '../notices/bell.js';
import './navigation.js';
import './sign-in.js';

/** The frame: who is signed in, where one is, and what stands around every page. */
class Panel extends PanelElement {
  static override properties = { opened: { state: true }, failed: { state: true }, unreachable: { state: true }, drawer: { state: true } };
  protected override readonly follows = [session, place, currentStore];
  /** The page whose module is loaded. */
  declare private opened: PageOf | null;
  declare private failed: boolean;
  declare private unreachable: Problem | null;
  declare private drawer: boolean;
  /** Of the page that is shown. */
  #path = place.value.path;

  constructor() {
    super();
    this.opened = null;
    this.failed = false;
    this.unreachable = null;
    this.drawer = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    followLinks();
    place.watch(() => this.#arrive());
    session.watch(() => this.#arrive());
    locale.watch(() => this.#title());
    subject.watch(() => this.#title());
    late.watch((at) => at && toast(t('frame.effectiveBy', { time: time(at) }), 'warning'));
    ended.watch((now) => now && void askToSignInAgain());
    addEventListener('keydown', this.#keyed);
    // On a wide page the drawer is a column, and nothing lies behind it.
    matchMedia('(width >= 56rem)').addEventListener('change', () => { this.drawer = false; });
    void this.#start();
  }

  async #start(): Promise<void> {
    this.unreachable = null;
    if (location.pathname === '/sign-in' && location.hash.length > 1) {
      // A link is to sign in anew: the page of it looks who is signed in, and asks.
      session.value = null;
      return;
    }
    const answer = await restore();
    if (!answer.ok && answer.problem.status !== 401 && (isPassing(answer.problem) || session.value === undefined)) {
      this.unreachable = answer.problem;
    }
  }

  #arrive(): void {
    const { page, path, params, query } = place.value;
    this.drawer = false;
    if (!session.value) {
      this.#title();
      return;
    }
    if (page?.name === 'home' || page?.name === 'sign-in') {
      const wanted = query.get('then');
      const store = currentStore.value;
      const home = store ? `/store/${encodeURIComponent(store)}/settings/api` : '/keys';
      void go(wanted && isOwn(wanted) ? wanted : home, 'replace');
      return;
    }
    // What a list is filtered by stands in the address too: who types there has gone nowhere, and keeps the focus.
    const moved = path !== this.#path;
    this.#path = path;
    if (moved) {
      subject.value = null;
    }
    if (params['store']) {
      enterStore(params['store']);
    } else if (page?.navigation?.store) {
      enterStore(null);
    }
    this.#title();
    void this.#open(page, moved);
  }

  async #open(page: PageOf | null, moved: boolean): Promise<void> {
    this.failed = false;
    // A new version may have been deployed since this document was loaded; its chunks have other names.
    const loaded = await (page?.load() ?? Promise.resolve()).then(() => true, () => false);
    if (place.value.page !== page) {
      return;
    }
    this.failed = !loaded;
    this.opened = page;
    if (moved) {
      await this.updateComplete;
      this.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
    }
  }

  #title(): void {
    const page = session.value ? place.value.page : null;
    const name = session.value === null ? t('frame.pages.signIn') : page ? t(page.title) : t('frame.notFound.title');
    document.title = session.value === undefined ? 'Latchkey' : [subject.value, name, 'Latchkey'].filter(Boolean).join(' · ');
  }

  #keyed = (event: KeyboardEvent): void => {
    if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'k' && session.value) {
      event.preventDefault();
      openPalette();
    }
  };

  protected override render(): TemplateResult {
    if (this.unreachable) {
      return html`<main class="alone">${errorState(this.unreachable, () => void this.#start(), true)}</main>`;
    }
    if (session.value === undefined) {
      return html`<main class="alone" aria-busy="true"><span class="brand-mark brand-mark-waiting">${icon('key')}</span></main>`;
    }
    if (session.value === null) {
      return html`<lk-sign-in></lk-sign-in>`;
    }
    return html`
      <a class="skip" href="#content" @click=${this.#skip}>${t('frame.skip')}</a>
      <header class="bar" ?inert=${this.drawer}>
        <button class="icon-button" aria-label=${t('frame.menu')} aria-expanded=${this.drawer ? 'true' : 'false'} aria-controls="navigation"
          @click=${() => { this.drawer = !this.drawer; }}>${icon('menu')}</button>
        <span class="brand"><span class="brand-mark">${icon('key')}</span>Latchkey</span>
        <span class="bar-actions"><button class="icon-button" aria-label=${t('frame.palette.open')} @click=${() => openPalette()}>${icon('search')}</button>
          <lk-bell></lk-bell></span>
      </header>
      <lk-navigation id="navigation" ?open=${this.drawer} @leave=${this.#closeDrawer}></lk-navigation>
      <lk-notices-said></lk-notices-said>
      <main id="content" tabindex="-1" ?inert=${this.drawer}>${this.#content()}</main>`;
  }

  #closeDrawer = async (): Promise<void> => {
    this.drawer = false;
    await this.updateComplete;
    this.querySelector<HTMLElement>('.bar .icon-button')?.focus();
  };

  #skip = (event: Event): void => {
    event.preventDefault();
    this.querySelector<HTMLElement>('main')?.focus();
  };

  #content(): TemplateResult | typeof nothing {
    const { page, params } = place.value;
    if (this.failed) {
      return emptyState({
        page: true, icon: 'refresh', title: t('frame.outdated.title'), body: t('frame.outdated.body'),
        action: html`<button class="button button-primary" @click=${() => location.reload()}>${t('frame.outdated.reload')}</button>`,
      });
    }
    if (!page) {
      return emptyState({
        page: true, icon: 'search', title: t('frame.notFound.title'), body: t('frame.notFound.body'),
        action: html`<a class="button button-primary" href="/">${t('frame.notFound.home')}</a>`,
      });
    }
    if (page.permission && !may(page.permission)) {
      return emptyState({ page: true, icon: 'lock', title: t('frame.forbidden.title'), body: t('frame.forbidden.body') });
    }
    return this.opened === page ? page.render(params) : skeleton();
  }
}

/** Whether an address leads nowhere but here: there is more than one way to write another host. */
function isOwn(address: string): boolean {
  return address.startsWith('/') && URL.canParse(address, location.href) && new URL(address, location.href).origin === location.origin;
}

define('lk-panel', Panel);
