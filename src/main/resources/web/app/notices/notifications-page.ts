import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, takesIn } from '../elements/element.js';
import { filters, type Select } from '../elements/filters.js';
import { List } from '../elements/list.js';
import { emptyState, errorState, skeleton } from '../elements/states.js';
import { toast } from '../elements/toasts.js';
import { place, setQuery } from '../frame/router.js';
import { session } from '../frame/session.js';
import { inLanguage, isTextKey, t, textsUnder } from '../texts/texts.js';
import { arrived, asRead, inbox, markAllRead, markRead, readHere } from './inbox.js';
import { noticeItem, type Notice } from './notice.js';

/** What they can be narrowed by, as the API and the address name it. */
const FILTERS = ['unread', 'kind'] as const;

/** All that the organization's people were told, with what this person has read of it. */
class NotificationsPage extends PanelElement {
  protected override readonly follows = [place, session, inbox];
  readonly #list = new List<Notice>(this, '/notifications', 30, inLanguage);

  constructor() {
    super();
    takesIn(this, readHere, (read) => {
      if (read) {
        this.#list.items.forEach((notice) => this.#list.replace(asRead(notice, read), ({ id }) => id === notice.id));
      }
    });
    takesIn(this, arrived, () => void this.#list.renew((one, other) => one.id === other.id));
  }

  #filter(name: (typeof FILTERS)[number]): string {
    return place.value.query.get(name) ?? '';
  }

  protected override willUpdate(): void {
    if (session.value) {
      this.#list.ask(Object.fromEntries(FILTERS.map((name) => [name, this.#filter(name)])));
    }
  }

  protected override render(): TemplateResult {
    const unread = inbox.value?.unread ?? 0;
    return html`<div class="page">
      <header class="page-head"><div><h1>${t('frame.pages.notifications')}</h1><p class="lead">${t('notices.lead')}</p></div>
        ${unread > 0 ? html`<div class="page-actions"><button type="button" class="button" @click=${this.#readAll}>${t('notices.readAll')}</button></div>` : nothing}</header>
      ${this.#content()}
    </div>`;
  }

  #content(): TemplateResult {
    const list = this.#list;
    const none = list.items.length === 0;
    if (none && list.loaded && !list.loading && !list.problem && !FILTERS.some((name) => this.#filter(name))) {
      return emptyState({ icon: 'bell', title: t('notices.empty.title'), body: t('notices.empty.body') });
    }
    return html`${this.#filters()}
      ${none && list.problem ? errorState(list.problem, () => void list.load()) : !list.loaded ? skeleton(4) : none ? emptyState({
        icon: 'search', title: t('notices.none.title'), body: t('notices.none.body'),
        action: html`<button type="button" class="button" @click=${this.#clear}>${t('elements.filters.clear')}</button>`,
      }) : html`${list.header()}<ul class="notices notices-page" aria-busy=${list.loading ? 'true' : 'false'}>${list.items.map((notice) => noticeItem(notice, {
        whole: true, read: (each) => void this.#read(each), follow: (each) => void markRead(each),
      }))}</ul>${list.footer()}`}`;
  }

  /** The button that had the focus goes with what it did: the next one has it, or the page. */
  async #read(notice: Notice): Promise<void> {
    const item = this.querySelector(`[data-notice="${notice.id}"]`);
    const next = item?.nextElementSibling?.querySelector<HTMLElement>('.icon-button');
    void markRead(notice);
    await this.updateComplete;
    (next?.isConnected ? next : this.closest('main'))?.focus({ preventScroll: true });
  }

  #readAll = async (): Promise<void> => {
    const marked = await markAllRead();
    if (marked !== null) {
      toast(t('notices.done', { count: marked }));
      this.closest('main')?.focus({ preventScroll: true });
    }
  };

  #clear = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));

  #filters(): TemplateResult {
    const list = this.#list;
    const count = list.items.length;
    return filters({
      label: t('notices.filters'), selects: this.#selects(), change: (name, value) => setQuery({ [name]: value }), clear: this.#clear,
      summary: !list.loaded || (list.problem && count === 0) ? undefined : t(list.hasMore ? 'notices.filter.first' : 'notices.filter.count', { count }),
    });
  }

  #selects(): Select[] {
    const kind = this.#filter('kind');
    const kinds = [...new Set([...textsUnder('settings.kinds.'), ...(kind ? [kind] : [])])];
    return [
      { name: 'unread', label: t('notices.filter.unread'), value: this.#filter('unread'),
        options: [{ value: '', label: t('notices.filter.any') }, ...(['true', 'false'] as const).map((value) => ({ value, label: t(`notices.filter.${value}`) }))] },
      { name: 'kind', label: t('notices.filter.kind'), value: kind, options: [{ value: '', label: t('notices.filter.any') }, ...kinds.map((value) => {
        const key = `settings.kinds.${value}`;
        return { value, label: isTextKey(key) ? t(key) : value };
      })] },
    ];
  }
}

define('lk-notifications-page', NotificationsPage);
