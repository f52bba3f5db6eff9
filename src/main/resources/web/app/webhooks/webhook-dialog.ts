import { html, nothing, type TemplateResult } from 'lit';
import { api, type Answer } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define, takesIn } from '../elements/element.js';
import { FormDialog } from '../elements/form-dialog.js';
import { formSection } from '../elements/form-section.js';
import { Form } from '../elements/form.js';
import { headersField, mergedHeaders, twiceIn } from '../elements/headers-field.js';
import { note, problemBanner, skeleton } from '../elements/states.js';
import { mergedTicks, type ChosenEvent } from '../elements/tick-groups.js';
import { storeTicks } from '../frame/store-ticks.js';
import { stores, storesProblem, wantStores } from '../frame/stores.js';
import { locale, t } from '../texts/texts.js';
import { bodyOfNew, changes, draftOf, fieldName, newDraft, originOf, type WebhookDraft } from './draft.js';
import './event-example.js';
import { eventGroups, loadEventTypes, type EventType } from './event-types.js';
import { urlField } from './url-field.js';
import { nameOf, type IssuedWebhook, type Webhook } from './webhook.js';

/** What is edited: a webhook as it was read, and the ETag that says so. */
export interface Edited {
  readonly webhook: Webhook;
  readonly etag: string | null;
}

/** Adds a webhook, or edits one. The answer to a new one holds its secret, which whoever opened this shows. */
export class WebhookDialog extends FormDialog<WebhookDraft, Webhook | IssuedWebhook> {
  static override properties = { types: { state: true }, typesProblem: { state: true } };
  protected override readonly follows = [stores, storesProblem];
  protected override readonly width = 'wide';
  protected override readonly form: Form<WebhookDraft>;
  declare private types: readonly EventType[] | null;
  declare private typesProblem: Problem | null;
  #edited: Edited | null;

  /** @param store the key of the store for which it is made first of all */
  constructor(edited: Edited | null, store: string | null) {
    super();
    this.#edited = edited;
    this.form = new Form<WebhookDraft>(this, edited ? draftOf(edited.webhook) : newDraft(store));
    this.types = null;
    this.typesProblem = null;
    takesIn(this, locale, () => void this.#load());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    wantStores();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.typesProblem = null;
    const answer = await loadEventTypes();
    if (answer.ok) {
      this.types = answer.value;
    } else {
      this.typesProblem = answer.problem;
    }
  }

  protected override heading(): string {
    return this.#edited ? t('webhooks.form.edit.title') : t('webhooks.form.create.title');
  }

  protected override subheading(): TemplateResult | typeof nothing {
    return this.#edited ? html`<span translate="no">${nameOf(this.#edited.webhook)}</span>` : nothing;
  }

  protected override verb(): string {
    return this.#edited ? t('webhooks.form.edit.action') : t('webhooks.form.create.action');
  }

  protected override async submit(): Promise<void> {
    const done = await this.form.send<Webhook | IssuedWebhook>(() => this.#send());
    if (done) {
      this.close(done.value);
    }
  }

  async #send(): Promise<Answer<Webhook | IssuedWebhook>> {
    const { draft, submission } = this.form;
    const twice = twiceIn('headers', draft.headers);
    return twice ? { ok: false, problem: twice } : this.#edited ? this.#edit(this.#edited) : submission.post<IssuedWebhook>('/webhooks', bodyOfNew(draft));
  }

  async #edit({ webhook, etag }: Edited): Promise<Answer<Webhook>> {
    const patch = changes(draftOf(webhook), this.form.draft);
    return Object.keys(patch).length === 0 ? { ok: true, value: webhook, status: 200, etag, effectiveBy: null }
      : api.patch<Webhook>(`/webhooks/${webhook.id}`, patch, { ifMatch: etag });
  }

  protected override async reload(): Promise<void> {
    this.bringTogether(await api.get<Webhook>(`/webhooks/${this.#edited!.webhook.id}`), ({ value: webhook, etag }) => {
      this.#edited = { webhook, etag };
      return this.form.rebase(draftOf(webhook), [['reach', 'stores']], { events: mergedTicks, headers: mergedHeaders }).map(fieldName);
    });
  }

  protected override fields(): TemplateResult {
    const { form } = this;
    return html`${formSection(t('webhooks.form.target.title'), t('webhooks.form.target.lead'), html`${urlField(form, true)}
        ${form.area('description', { label: t('webhooks.form.description'), optional: true, rows: 2, placeholder: t('webhooks.form.descriptionPlaceholder') })}`)}
      ${formSection(t('webhooks.form.events'), t('webhooks.form.eventsLead'), this.#events())}
      ${this.#reach()}
      ${formSection(t('webhooks.form.more.title'), t('webhooks.form.more.lead'), html`
        ${headersField(form, { name: 'headers', label: t('webhooks.form.headers'), help: t('webhooks.form.headersHelp'), optional: true, placeholder: 'X-Tenant', least: 0 })}
        ${this.#isElsewhere() ? note('warning', t('webhooks.form.headersElsewhere')) : nothing}
        ${form.toggle('active', { label: t('webhooks.form.active'), help: t(this.#edited ? 'webhooks.form.activeHelpEdit' : 'webhooks.form.activeHelp') })}`)}`;
  }

  /** Values that nobody here has seen do not go to another host. */
  #isElsewhere(): boolean {
    const before = this.#edited?.webhook;
    const now = originOf(this.form.draft.url);
    return before !== undefined && now !== null && now !== originOf(before.url)
      && this.form.draft.headers.some((header) => header.stored !== null && header.value === '');
  }

  #events(): TemplateResult {
    const { form, types } = this;
    const { events } = form.draft;
    return html`${form.field({
      name: 'events', label: t('webhooks.form.events'), group: true, entries: events,
      control: ({ describedBy }) => this.typesProblem ? problemBanner(this.typesProblem, () => void this.#load())
        : types ? html`<lk-tick-groups .label=${t('webhooks.form.events')} .describedBy=${text(describedBy)} .groups=${eventGroups(types, this.#edited?.webhook.events)} .chosen=${events}
            @change=${(event: ChosenEvent) => form.set({ events: event.detail })}></lk-tick-groups>
            <p class="help" role="status">${t('webhooks.form.eventsChosen', { count: events.length })}</p>`
        : skeleton(4),
    })}${types ? html`<lk-event-example .types=${types} .chosen=${events}></lk-event-example>` : nothing}`;
  }

  #reach(): TemplateResult {
    const { form } = this;
    return formSection(t('webhooks.form.stores'), t('webhooks.form.reach.lead'), html`
      ${form.choice('reach', {
        label: t('webhooks.form.reach'),
        options: [{ value: 'all', label: t('frame.stores.all'), help: t('webhooks.form.reach.allHelp') },
          { value: 'stores', label: t('webhooks.form.reach.stores'), help: t('webhooks.form.reach.storesHelp') }],
      })}
      ${form.draft.reach === 'stores' ? html`<div class="form-nested">${form.field({
        name: 'stores', label: t('webhooks.form.stores'), group: true, entries: form.draft.stores,
        control: ({ describedBy }) => storeTicks({
          label: t('webhooks.form.stores'), describedBy, chosen: form.draft.stores, choose: (chosen) => form.set({ stores: chosen }), none: t('webhooks.form.noStores'),
        }),
      })}</div>` : nothing}`);
  }
}

function text(describedBy: unknown): string {
  return typeof describedBy === 'string' ? describedBy : '';
}

define('lk-webhook-dialog', WebhookDialog);
