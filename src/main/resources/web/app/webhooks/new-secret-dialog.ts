import { html, nothing, type TemplateResult } from 'lit';
import { define } from '../elements/element.js';
import { ShownOnceDialog } from '../elements/shown-once.js';
import { note } from '../elements/states.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { nameOf, type IssuedWebhook } from './webhook.js';

/** How a secret came about: with its webhook, beside one that signs on for a while, or in the place of one. */
export type Occasion = 'created' | 'overlapping' | 'replaced';

/** Shows what a webhook's messages are signed with, once. */
export class NewSecretDialog extends ShownOnceDialog {
  static override properties = { ...ShownOnceDialog.properties, until: { attribute: false } };
  /** Until when the one before signs as well, as soon as that is known. */
  declare until: string | null;

  constructor(private readonly made: IssuedWebhook, private readonly occasion: Occasion) {
    super();
    this.until = null;
  }

  protected override heading(): string {
    return t(this.occasion === 'created' ? 'webhooks.secret.titleCreated' : 'webhooks.secret.titleRotated');
  }

  protected override subheading(): TemplateResult {
    return html`<span translate="no">${nameOf(this.made)}</span>`;
  }

  protected override body(): TemplateResult {
    return html`${note('warning', t('webhooks.secret.once'))}
      ${this.shown({ part: 'secret', label: t('webhooks.secret.label'), text: this.made.secret, copy: t('webhooks.secret.copy'), help: t('webhooks.secret.use'), first: true })}
      ${this.#meanwhile()}
      ${this.acknowledgement(t('webhooks.secret.kept'), t('webhooks.secret.reminder'))}`;
  }

  #meanwhile(): TemplateResult | typeof nothing {
    switch (this.occasion) {
      case 'created': return nothing;
      case 'replaced': return note('info', t('webhooks.secret.replaced'));
      case 'overlapping': return note('info', this.until ? t('webhooks.secret.overlapsUntil', { when: dateTime(this.until) }) : t('webhooks.secret.overlaps'));
    }
  }

  protected override actions(): TemplateResult {
    return html`<button type="button" class="button button-primary" @click=${() => void this.dismiss()}>${t('webhooks.secret.done')}</button>`;
  }
}

define('lk-new-secret', NewSecretDialog);
