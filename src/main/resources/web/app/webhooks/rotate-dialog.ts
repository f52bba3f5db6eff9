import { html, nothing, type TemplateResult } from 'lit';
import { define } from '../elements/element.js';
import { FormDialog } from '../elements/form-dialog.js';
import { Form } from '../elements/form.js';
import { note } from '../elements/states.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { nameOf, type IssuedWebhook, type Webhook } from './webhook.js';

/** How long the secret that stands signs as well: what is left to change the receiver over. */
const OVERLAPS = ['PT0S', 'PT1H', 'PT24H', 'P3D', 'P7D'] as const;
type Overlap = (typeof OVERLAPS)[number];

/** The new secret, and whether the one before signs for a while. */
export interface Rotated {
  readonly issued: IssuedWebhook;
  readonly overlaps: boolean;
}

/** Gives a webhook a new secret, which whoever opened this shows. */
export class RotateDialog extends FormDialog<{ readonly overlap: Overlap }, Rotated> {
  protected override readonly form: Form<{ readonly overlap: Overlap }>;

  constructor(private readonly webhook: Webhook) {
    super();
    this.form = new Form<{ readonly overlap: Overlap }>(this, { overlap: 'PT24H' });
  }

  protected override heading(): string {
    return t('webhooks.rotate.title');
  }

  protected override subheading(): TemplateResult {
    return html`<span translate="no">${nameOf(this.webhook)}</span>`;
  }

  protected override verb(): string {
    return t('webhooks.rotate.action');
  }

  /** There is nothing typed that could be lost. */
  protected override isDirty(): boolean {
    return false;
  }

  protected override fields(): TemplateResult {
    const { form } = this;
    const { overlap } = form.draft;
    const { previousUntil } = this.webhook.secret;
    return html`<div class="prose"><p>${t('webhooks.rotate.lead')}</p></div>
      ${form.field({
        name: 'overlap', label: t('webhooks.rotate.overlap'), help: t(overlap === 'PT0S' ? 'webhooks.rotate.endsNow' : 'webhooks.rotate.overlaps'),
        control: ({ id, describedBy, invalid }) => html`<select class="input input-medium" id=${id} name="overlap" aria-describedby=${describedBy} aria-invalid=${invalid}
          @change=${(event: Event) => form.set({ overlap: (event.target as HTMLSelectElement).value as Overlap })}>
          ${OVERLAPS.map((each) => html`<option value=${each} .selected=${each === overlap}>${t(`webhooks.rotate.overlap.${each}`)}</option>`)}</select>`,
      })}
      ${overlap === 'PT0S' ? note('warning', t('webhooks.rotate.breaks')) : nothing}
      ${previousUntil ? note('warning', t('webhooks.rotate.endsPrevious', { when: dateTime(previousUntil) })) : nothing}`;
  }

  protected override async submit(): Promise<void> {
    const { overlap } = this.form.draft;
    const done = await this.form.send(() => this.form.submission.post<IssuedWebhook>(`/webhooks/${this.webhook.id}/rotate-secret`, { overlap }));
    if (done) {
      this.close({ issued: done.value, overlaps: overlap !== 'PT0S' });
    }
  }
}

define('lk-rotate-secret', RotateDialog);
