import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import type { Organization } from '../api/types.js';
import { confirm } from '../elements/confirm.js';
import '../elements/copy-button.js';
import { define, PanelElement } from '../elements/element.js';
import { keepFocus } from '../elements/focus.js';
import { formSection } from '../elements/form-section.js';
import { Form } from '../elements/form.js';
import { limitInputs, UNITS, type Unit } from '../elements/span.js';
import { errorState, note, skeleton, staleText } from '../elements/states.js';
import '../elements/tick-groups.js';
import type { ChosenEvent, Tick } from '../elements/tick-groups.js';
import { toast } from '../elements/toasts.js';
import { atTime } from '../elements/values.js';
import { guardLeaving } from '../frame/router.js';
import { may, restore } from '../frame/session.js';
import { isTextKey, LOCALES, rich, t, textsUnder, type TextKey } from '../texts/texts.js';
import { draftOf, patchOf, TOGETHER, type Draft } from './organization-draft.js';

/** Kinds of notifications: those that have a text. What the organization has chosen and has none is shown by its name. */
const KINDS = textsUnder('settings.kinds.');

const LABELS: Readonly<Record<keyof Draft, TextKey>> = {
  name: 'settings.organization.name', locale: 'settings.organization.locale', keyPrefix: 'settings.organization.keyPrefix',
  requests: 'settings.organization.limit', window: 'settings.organization.limit', unit: 'settings.organization.limit',
  keyMaxAge: 'settings.organization.keyMaxAge', recoverableKeys: 'settings.organization.recoverableKeys',
  requireStore: 'settings.organization.requireStore', unknownOperations: 'settings.organization.unknownOperations',
  testEvery: 'settings.organization.testInterval', testUnit: 'settings.organization.testInterval',
  notificationEmails: 'settings.organization.emails', notifyByEmail: 'settings.organization.kinds',
};

/** The settings of the organization. */
class OrganizationPage extends PanelElement {
  static override properties = { saved: { state: true }, problem: { state: true }, told: { state: true } };
  declare private saved: Organization | null;
  declare private problem: Problem | null;
  declare private told: string;
  readonly #form = new Form<Draft>(this, {} as Draft);
  #etag: string | null = null;
  #unguard = (): void => undefined;

  constructor() {
    super();
    this.saved = null;
    this.problem = null;
    this.told = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unguard = guardLeaving(() => this.#mayLeave());
    addEventListener('beforeunload', this.#unload);
    void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unguard();
    removeEventListener('beforeunload', this.#unload);
  }

  #unload = (event: Event): void => {
    if (this.saved && this.#form.isDirty) {
      event.preventDefault();
    }
  };

  async #mayLeave(): Promise<boolean> {
    return !this.saved || !this.#form.isDirty || confirm({
      title: t('elements.discard.title'), body: t('elements.discard.body'), action: t('elements.discard.action'),
      cancel: t('elements.discard.cancel'), danger: true,
    });
  }

  async #load(): Promise<void> {
    this.problem = null;
    const answer = await api.get<Organization>('/organization');
    if (answer.ok) {
      this.#take(answer.value, answer.etag);
    } else {
      this.problem = answer.problem;
    }
  }

  #take(organization: Organization, etag: string | null): void {
    this.saved = organization;
    this.#etag = etag;
    this.told = '';
    this.#form.reset(draftOf(organization));
  }

  /** After a 412: what others have saved comes in where this person has typed nothing. */
  async #merge(): Promise<void> {
    const answer = await api.get<Organization>('/organization');
    if (!answer.ok) {
      this.#form.problem = answer.problem;
      this.requestUpdate();
      return;
    }
    this.saved = answer.value;
    this.#etag = answer.etag;
    const both = [...new Set(this.#form.rebase(draftOf(answer.value), TOGETHER).map((name) => t(LABELS[name])))];
    this.told = staleText(both);
  }

  async #save(): Promise<void> {
    if (this.#form.busy) {
      return;
    }
    const { changed, draft } = this.#form;
    if (changed.recoverableKeys === false && !(await this.#confirmDestruction())) {
      return;
    }
    this.told = '';
    const done = await this.#form.send(() => api.patch<Organization>('/organization', patchOf(changed, draft), { ifMatch: this.#etag }));
    if (!done) {
      return;
    }
    // What is in force later, the frame says, which implies that it is saved.
    if (!done.effectiveBy) {
      toast(t('elements.saved'));
    }
    this.saved = done.value;
    this.#etag = done.etag;
    // What was typed meanwhile stays, and is not saved yet.
    this.#form.rebase(draftOf(done.value), TOGETHER);
    // The name stands in the frame too.
    void restore();
    await this.#keepFocus();
  }

  #discard = async (): Promise<void> => {
    this.#form.reset(this.#form.initial);
    await this.#keepFocus();
  };

  /** The button that had the focus may be gone with what was unsaved. */
  async #keepFocus(): Promise<void> {
    await this.updateComplete;
    keepFocus(this.closest('main'));
  }

  #confirmDestruction(): Promise<boolean> {
    return confirm({
      title: t('settings.organization.destroy.title'),
      body: html`<p>${t('settings.organization.destroy.body')}</p><p>${t('settings.organization.destroy.after')}</p>`,
      action: t('settings.organization.destroy.action'),
      typed: this.saved!.key,
      danger: true,
    });
  }

  protected override render(): TemplateResult {
    return html`<div class="page page-form">
      <header class="page-head"><div><h1>${t('frame.pages.organization')}</h1><p class="lead">${t('settings.organization.lead')}</p></div></header>
      ${this.saved ? this.#content(this.saved) : this.problem ? errorState(this.problem, () => void this.#load()) : skeleton(8)}
    </div>`;
  }

  #content(saved: Organization): TemplateResult {
    const writes = may('organization:write');
    const sections = html`${this.#general(saved, !writes)}${this.#keys(!writes)}${this.#verification(!writes)}${this.#credentials(!writes)}${this.#notifications(!writes)}`;
    return html`
      ${saved.state === 'suspended' ? note('warning', t('settings.organization.suspended')) : nothing}
      ${writes ? nothing : note('info', t('elements.readOnly'))}
      <form novalidate @submit=${(event: Event) => { event.preventDefault(); void this.#save(); }}>
        ${this.#form.banner(() => void this.#save(), () => void this.#merge())}
        ${this.told ? note('info', this.told) : nothing}
        ${sections}
        ${writes && this.#form.isDirty ? html`<div class="save-bar" role="group" aria-label=${t('elements.unsaved')}>
          <span role="status">${t('elements.unsaved')}</span>
          <button type="button" class="button" ?disabled=${this.#form.busy} @click=${this.#discard}>${t('elements.discard.all')}</button>
          <button type="submit" class="button button-primary" aria-busy=${this.#form.busy ? 'true' : 'false'} aria-disabled=${this.#form.busy ? 'true' : 'false'}>
            ${this.#form.busy ? t('elements.saving') : t('elements.save')}</button></div>` : nothing}
      </form>
      <p class="help">${rich('settings.organization.updated', { time: atTime(saved.updatedAt) })}</p>`;
  }

  #general(saved: Organization, readonly: boolean): TemplateResult {
    return section(t('settings.organization.general'), html`
      ${this.#form.text('name', { label: t(LABELS.name), help: t('settings.organization.nameHelp'), readonly })}
      <div class="field"><span class="label">${t('settings.organization.key')}</span>
        <span class="input-row"><code>${saved.key}</code><lk-copy .text=${saved.key} label=${t('settings.organization.copyKey')}></lk-copy></span>
        <p class="help">${t('settings.organization.keyHelp')}</p></div>
      ${this.#form.choice('locale', {
        label: t(LABELS.locale), help: t('settings.organization.localeHelp'), disabled: readonly,
        options: LOCALES.map((value) => ({ value, label: t(`frame.languages.${value}`) })),
      })}`);
  }

  #keys(readonly: boolean): TemplateResult {
    const { draft } = this.#form;
    return section(t('settings.organization.newKeys'), html`
      ${this.#form.text('keyPrefix', {
        label: t(LABELS.keyPrefix), mono: true, readonly,
        help: rich('settings.organization.keyPrefixHelp', { example: html`<code>${draft.keyPrefix || 'lk'}_live_…</code>` }),
      })}
      ${this.#form.field({
        name: 'defaults', label: t(LABELS.requests), help: t('settings.organization.limitHelp'), group: true,
        control: (tied) => limitInputs(this.#form, tied, readonly),
      })}
      ${this.#form.field({
        name: 'keyMaxAge', label: t(LABELS.keyMaxAge), help: t('settings.organization.keyMaxAgeHelp'),
        control: ({ id, describedBy, invalid }) => html`<span class="input-row"><input class="input input-short" id=${id} name="keyMaxAge" inputmode="numeric" ?readonly=${readonly}
          aria-describedby=${describedBy} aria-invalid=${invalid} .value=${draft.keyMaxAge} @input=${(event: Event) => this.#form.set({ keyMaxAge: valueOf(event) })}>
          <span>${t('elements.units.day')}</span></span>`,
      })}
      ${this.#form.toggle('recoverableKeys', { label: t(LABELS.recoverableKeys), help: t('settings.organization.recoverableKeysHelp'), disabled: readonly })}
      ${this.#form.changed.recoverableKeys === false ? note('warning', t('settings.organization.recoverableKeysOff')) : nothing}`);
  }

  #verification(readonly: boolean): TemplateResult {
    return section(t('settings.organization.verification'), html`
      ${this.#form.toggle('requireStore', { label: t(LABELS.requireStore), help: t('settings.organization.requireStoreHelp'), disabled: readonly })}
      ${this.#form.changed.requireStore ? note('warning', t('settings.organization.requireStoreOn')) : nothing}
      ${this.#form.choice('unknownOperations', {
        label: t(LABELS.unknownOperations), help: t('settings.organization.unknownOperationsHelp'), disabled: readonly,
        options: [
          { value: 'forbid', label: t('settings.organization.forbid'), help: t('settings.organization.forbidHelp') },
          { value: 'allow', label: t('settings.organization.allow'), help: t('settings.organization.allowHelp') },
        ],
      })}`);
  }

  #credentials(readonly: boolean): TemplateResult {
    const { draft } = this.#form;
    return section(t('frame.pages.credentials'), this.#form.field({
      name: 'credentialTestInterval', label: t(LABELS.testEvery), help: t('settings.organization.testIntervalHelp'), group: true,
      control: ({ describedBy, invalid }) => html`<div class="input-row input-row-wrap">
        <input class="input input-number" inputmode="numeric" name="testEvery" autocomplete="off" placeholder="–" aria-label=${t(LABELS.testEvery)} aria-describedby=${describedBy} aria-invalid=${invalid}
          ?readonly=${readonly} .value=${draft.testEvery} @input=${(event: Event) => this.#form.set({ testEvery: valueOf(event) })}>
        <select class="input input-short" name="testUnit" aria-label=${t('settings.organization.testUnit')} ?disabled=${readonly} @change=${(event: Event) => this.#form.set({ testUnit: valueOf(event) as Unit })}>
          ${UNITS.filter((each) => each !== 'second' || draft.testUnit === each).map((each) => html`<option value=${each} .selected=${each === draft.testUnit}>${t(`elements.units.${each}`)}</option>`)}</select></div>`,
    }));
  }

  #notifications(readonly: boolean): TemplateResult {
    const { draft } = this.#form;
    const ticks = [...new Set([...KINDS, ...this.#form.initial.notifyByEmail])].map((value): Tick => {
      const key = `settings.kinds.${value}`;
      return { value, label: isTextKey(key) ? t(key) : value, mono: !isTextKey(key) };
    });
    return section(t('settings.organization.notifications'), html`
      ${this.#form.area('notificationEmails', { label: t(LABELS.notificationEmails), help: t('settings.organization.emailsHelp'), optional: true, readonly, rows: 3 })}
      ${this.#form.field({
        name: 'notifyByEmail', label: t(LABELS.notifyByEmail), help: t('settings.organization.kindsHelp'), group: true,
        control: ({ describedBy }) => html`<lk-tick-groups label=${t(LABELS.notifyByEmail)} .describedBy=${describedBy === nothing ? '' : String(describedBy)} ?disabled=${readonly}
          .groups=${[{ name: 'kinds', label: t('settings.organization.allKinds'), ticks }]} .chosen=${draft.notifyByEmail}
          @change=${(event: ChosenEvent) => this.#form.set({ notifyByEmail: [...event.detail].sort() })}></lk-tick-groups>`,
      })}`);
  }
}

function section(title: string, content: TemplateResult): TemplateResult {
  return formSection(title, null, content, true);
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}

define('lk-organization-page', OrganizationPage);
