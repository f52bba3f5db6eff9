import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, takesIn, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { errorState, skeleton } from '../elements/states.js';
import { offer } from '../frame/palette.js';
import { go, place } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { t } from '../texts/texts.js';
import { arrived, followNotices, inbox, inboxProblem, look, markAllRead, markRead } from './inbox.js';
import { noticeItem, type Notice } from './notice.js';

/** How many are counted before it is many. */
const COUNTED = 99;

/** A bell with how many are unread, and behind it the newest notifications. */
class Bell extends PanelElement {
  static override properties = { open: { state: true } };
  protected override readonly follows = [inbox, inboxProblem, session];
  declare private open: boolean;
  readonly #id = uniqueId('notices');

  constructor() {
    super();
    this.open = false;
    takesIn(this, place, () => this.#close());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    followNotices();
  }

  #close(): void {
    if (this.open) {
      this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    }
  }

  #toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    if (this.open) {
      void look();
      void this.updateComplete.then(() => this.querySelector<HTMLElement>('[popover]')?.focus());
    }
  };

  /** The button that was pressed goes with what it did: the focus stays in the list. */
  #read = async (notice: Notice): Promise<void> => {
    void markRead(notice);
    await this.updateComplete;
    this.#keepFocus();
  };

  #readAll = async (): Promise<void> => {
    await markAllRead();
    await this.updateComplete;
    this.#keepFocus();
  };

  #keepFocus(): void {
    if (this.open && !this.contains(document.activeElement)) {
      this.querySelector<HTMLElement>('[popover]')?.focus();
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!may('notifications:read')) {
      return nothing;
    }
    const unread = inbox.value?.unread ?? 0;
    return html`
      <button type="button" class="icon-button bell" popovertarget=${this.#id} aria-expanded=${this.open ? 'true' : 'false'}
        aria-label=${unread > 0 ? t('notices.bellUnread', { count: unread }) : t('notices.bell')} title=${t('notices.bell')}>
        ${icon('bell')}${unread > 0 ? html`<span class="bell-count" aria-hidden="true">${unread > COUNTED ? `${COUNTED}+` : unread}</span>` : nothing}</button>
      <div class="menu bell-popover" id=${this.#id} popover role="dialog" tabindex="-1" aria-labelledby="${this.#id}-title" @toggle=${this.#toggled}>
        ${this.open ? this.#content(unread) : nothing}</div>`;
  }

  #content(unread: number): TemplateResult {
    return html`<header class="bell-head"><h2 id="${this.#id}-title">${t('notices.bell')}</h2>
        ${unread > 0 ? html`<button type="button" class="link-button" @click=${this.#readAll}>${t('notices.readAll')}</button>` : nothing}</header>
      ${this.#list()}
      <footer class="bell-foot"><a href="/notifications" @click=${() => this.#close()}>${t('notices.all')}</a></footer>`;
  }

  #list(): TemplateResult {
    const { value: known } = inbox;
    if (!known) {
      return inboxProblem.value ? errorState(inboxProblem.value, () => void look()) : skeleton(3);
    }
    return known.newest.length === 0 ? html`<p class="bell-none">${t('notices.empty.title')}. ${t('notices.empty.body')}</p>`
      : html`<ul class="notices">${known.newest.map((notice) => noticeItem(notice, {
        whole: false, read: (each) => void this.#read(each), follow: (each) => { this.#close(); void markRead(each); },
      }))}</ul>`;
  }
}

/** Says to who does not see the bell that something has come, once. */
class NoticesSaid extends PanelElement {
  protected override readonly follows = [arrived];

  protected override render(): TemplateResult {
    const count = arrived.value.length;
    return html`<p class="visually-hidden" role="status">${count === 0 ? nothing : t('notices.arrived', { count, title: arrived.value[0]!.title })}</p>`;
  }
}

offer(() => (may('notifications:read') ? [{ title: t('frame.pages.notifications'), icon: 'bell', run: () => void go('/notifications') }] : []));

define('lk-bell', Bell);
define('lk-notices-said', NoticesSaid);
