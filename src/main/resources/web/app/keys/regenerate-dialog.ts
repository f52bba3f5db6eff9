import { html, nothing, type TemplateResult } from 'lit';
import { define } from '../elements/element.js';
import { FormDialog } from '../elements/form-dialog.js';
import { Form } from '../elements/form.js';
import { note } from '../elements/states.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';
import { expiryField, expiryOf, instantOf, type ExpiryDraft } from './expiry.js';
import { lastUse, type Key, type KeyPart } from './key.js';

/** How long the old one goes on working; an hour of work, a day, a week, a month of changing over. */
const GRACES = ['PT0S', 'PT1H', 'PT24H', 'P7D', 'P30D'] as const;
type Grace = (typeof GRACES)[number];

interface Draft extends ExpiryDraft {
  readonly part: 'both' | KeyPart;
  readonly gracePeriod: Grace;
}

/** Makes a key, its secret or both anew. What is new is in the answer, and shown by whoever opened this. */
export class RegenerateDialog extends FormDialog<Draft, Key> {
  protected readonly form: Form<Draft>;

  /** @param only what is replaced, where that is decided already */
  constructor(private readonly old: Key, private readonly only: KeyPart | null) {
    super();
    this.form = new Form<Draft>(this, {
      part: only ?? 'both', gracePeriod: 'PT24H', ...(old.status === 'expired' ? expiryOf('P365D') : instantOf(old.expiresAt)),
    });
  }

  protected override heading(): string {
    return this.only === 'secret' ? t('keys.regenerate.titleSecret') : t('keys.regenerate.title');
  }

  protected override subheading(): string {
    return this.old.name;
  }

  protected override verb(): string {
    return this.only === 'secret' ? t('keys.regenerate.actionSecret') : t('keys.regenerate.action');
  }

  protected override fields(): TemplateResult {
    const { form, old } = this;
    const { gracePeriod } = form.draft;
    const expired = old.status === 'expired';
    return html`
      <div class="prose"><p>${this.only === 'secret' ? t('keys.regenerate.leadSecret') : t('keys.regenerate.lead')}</p><p>${lastUse(old)}</p></div>
      ${old.hasSecret && !this.only ? form.choice('part', {
        label: t('keys.regenerate.part'),
        options: (['both', 'key', 'secret'] as const).map((value) => ({ value, label: t(`keys.regenerate.part.${value}`) })),
      }) : nothing}
      ${expired ? html`${note('info', t('keys.regenerate.expired'))}${expiryField(form)}` : form.field({
        name: 'gracePeriod',
        label: t('keys.regenerate.grace'),
        help: this.#fate(gracePeriod),
        control: ({ id, describedBy, invalid }) => html`<select class="input input-medium" id=${id} name="gracePeriod" aria-describedby=${describedBy} aria-invalid=${invalid}
          @change=${(event: Event) => form.set({ gracePeriod: (event.target as HTMLSelectElement).value as Grace })}>
          ${GRACES.map((each) => html`<option value=${each} .selected=${each === gracePeriod}>${t(`keys.regenerate.grace.${each}`)}</option>`)}</select>`,
      })}
      ${gracePeriod === 'PT0S' && !expired && old.lastUsedAt ? note('warning', t('keys.regenerate.atOnceBreaks')) : nothing}
      ${old.previous ? note('warning', t('keys.regenerate.previousDies', { start: old.previous.start })) : nothing}`;
  }

  /** What becomes of the old one; when exactly is in the answer, since it is the server's clock that counts. */
  #fate(grace: Grace): string {
    if (grace === 'PT0S') {
      return t('keys.regenerate.diesNow');
    }
    const { expiresAt } = this.old;
    return expiresAt ? t('keys.regenerate.diesWithExpiry', { when: dateTime(expiresAt) }) : t('keys.regenerate.dies');
  }

  protected override async submit(): Promise<void> {
    const { part, gracePeriod, expiresAt } = this.form.draft;
    const expired = this.old.status === 'expired';
    const done = await this.form.send(() => this.form.submission.post<Key>(`/keys/${this.old.id}/regenerate`, {
      ...(part === 'both' ? {} : { part }),
      gracePeriod: expired ? 'PT0S' : gracePeriod,
      ...(expired ? { expiresAt } : {}),
    }));
    if (done) {
      this.close(done.value);
    }
  }
}

define('lk-regenerate-key', RegenerateDialog);
