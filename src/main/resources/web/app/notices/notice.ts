import { html, nothing, type TemplateResult } from 'lit';
import { icon, type IconName } from '../elements/icon.js';
import { tag, timeAgo, timeAgoInText } from '../elements/values.js';
import { placeOf } from '../frame/router.js';
import { may } from '../frame/session.js';
import { rich, t, type TextKey } from '../texts/texts.js';

/** A notification as the API tells of it, in the person's language, and how it looks wherever it stands. */
export interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly title: string;
  readonly text: string;
  /** What to do about it. */
  readonly next: string;
  /** Where that is done. */
  readonly link: string;
  readonly target: { readonly type: string; readonly id: string; readonly name: string };
  /** null: it stands. */
  readonly resolvedAt: string | null;
  /** null: not read by this person. */
  readonly readAt: string | null;
}

type Tone = 'danger' | 'warning' | 'good' | 'info';

/** How much it matters, by the kind or by its noun; a kind that is not named here is told plainly. */
const TONES: Readonly<Record<string, Tone>> = {
  activity: 'danger', 'organization.suspended': 'danger', 'key.leaked': 'danger', 'credential.failing': 'danger',
  'credential.reauthorization_required': 'danger', 'webhook.disabled': 'danger', 'key.expiring': 'warning', 'key.reach_changed': 'warning',
  'credential.limited': 'warning', 'credential.renewal_failed': 'warning', 'credential.recovered': 'good', 'organization.reactivated': 'good',
};

const ICONS: Readonly<Record<Tone, IconName>> = { danger: 'error', warning: 'warning', good: 'check', info: 'info' };

/** What the way out is called, by the page that it leads to. */
const WAYS: Readonly<Record<string, TextKey>> = {
  organization: 'notices.go.organization', activity: 'notices.go.activity', key: 'notices.go.key', keys: 'notices.go.keys', review: 'notices.go.review',
  credential: 'notices.go.credential', webhook: 'notices.go.webhook',
};

export interface Shown {
  /** With what to do about it, and a button that leads there. */
  readonly whole: boolean;
  readonly read: (notice: Notice) => void;
  /** The person goes where it is mended. */
  readonly follow: (notice: Notice) => void;
}

export function noticeItem(notice: Notice, { whole, read, follow }: Shown): TemplateResult {
  const tone = TONES[notice.kind] ?? TONES[notice.kind.split('.')[0]!] ?? 'info';
  const unread = notice.readAt === null;
  const way = wayOf(notice);
  return html`<li class="notice notice-${notice.resolvedAt ? 'over' : tone}" data-kind=${notice.kind} data-notice=${notice.id} ?data-unread=${unread}>
    <span class="notice-icon">${icon(ICONS[tone])}<span class="visually-hidden">${t(`notices.tone.${tone}`)}</span></span>
    <div class="notice-said">
      <p class="notice-title">${unread ? html`<span class="notice-dot"><span class="visually-hidden">${t('notices.unread')}</span></span>` : nothing}${way && !whole
        ? html`<a href=${notice.link} data-user @click=${() => follow(notice)}>${notice.title}</a>` : html`<strong data-user>${notice.title}</strong>`}</p>
      <p class="notice-text" data-user>${notice.text}</p>
      ${whole ? html`<p class="notice-next" data-user><strong>${t('notices.next')}:</strong> ${notice.next}</p>` : nothing}
      <p class="notice-meta">${timeAgo(notice.at)}${notice.resolvedAt ? html` ${whole ? html`<span class="muted">${rich('notices.resolvedAt', { when: timeAgoInText(notice.resolvedAt) })}</span>`
        : tag({ label: t('notices.resolved'), tone: 'good' })}` : nothing}</p>
      ${whole && way ? html`<p class="notice-ways"><a class="button button-small" href=${notice.link} @click=${() => follow(notice)}>${t(way)}</a></p>` : nothing}
    </div>
    ${unread ? html`<button type="button" class="icon-button" aria-label=${t('notices.readOf', { title: notice.title })} title=${t('notices.read')} @click=${() => read(notice)}>${icon('check')}</button>` : nothing}
  </li>`;
}

/** What the page is called that it leads to; null where this person may not open it. */
function wayOf({ link }: Notice): TextKey | null {
  const { page } = placeOf(link);
  return page && (!page.permission || may(page.permission)) ? WAYS[page.name] ?? 'notices.go.other' : null;
}
