import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import '../elements/copy-button.js';
import type { Form } from '../elements/form.js';
import { formSection } from '../elements/form-section.js';
import { icon } from '../elements/icon.js';
import { headersField } from '../elements/headers-field.js';
import { secretInput } from '../elements/secret-field.js';
import { note } from '../elements/states.js';
import { byPlatform, stores } from '../frame/stores.js';
import { dateTime } from '../texts/format.js';
import { messageOf } from '../texts/problems.js';
import { rich, t } from '../texts/texts.js';
import { isSecret, type Credential, type CredentialType } from './credential.js';
import type { CredentialDraft } from './draft.js';
import { fieldsOf, type DataField } from './fields.js';
import type { Provider } from './provider.js';

/** What the form is about: a service that is known, and a credential that is stored already. */
export interface Subject {
  /** null: a service that is not known. */
  readonly provider: Provider | null;
  /** null: a new one. */
  readonly stored: Credential | null;
}

/** The fields of a credential, in groups; what its provider's entry knows is not asked for. */
export function credentialFields(form: Form<CredentialDraft>, subject: Subject): TemplateResult {
  const sections = [purpose(form, subject), signingIn(form, subject), place(form, subject), test(form, subject)];
  return html`${sections}`;
}

function purpose(form: Form<CredentialDraft>, { provider, stored }: Subject): TemplateResult {
  return formSection(t('credentials.form.purpose.title'), t('credentials.form.purpose.lead'), html`
    ${provider ? about(provider) : nothing}
    ${form.text('name', { label: t('credentials.form.name'), help: t('credentials.form.nameHelp'), required: true, autofocus: !stored, placeholder: t('credentials.form.namePlaceholder') })}
    ${form.field({
      name: 'store', label: t('credentials.form.store'), help: t('credentials.form.storeHelp'),
      control: ({ id, describedBy, invalid }) => html`<select class="input" id=${id} name="store" aria-describedby=${describedBy} aria-invalid=${invalid}
        @change=${(event: Event) => form.set({ store: (event.target as HTMLSelectElement).value })}>
        <option value="" .selected=${form.draft.store === ''}>${t('frame.stores.all')}</option>
        ${byPlatform([...(stores.value ?? [])]).map((group) => html`<optgroup label=${group.label}>${group.stores.map((store) =>
          html`<option value=${store.key} .selected=${store.key === form.draft.store}>${store.name}</option>`)}</optgroup>`)}</select>`,
    })}`);
}

/** What one should know of an entry before one trusts it. */
function about(provider: Provider): TemplateResult {
  const link = html`<a href=${provider.documentation} target="_blank" rel="noopener noreferrer">${t('credentials.provider.documentation')}${icon('external')}</a>`;
  return html`${provider.confirmed ? nothing : note('warning', html`<strong>${t('credentials.provider.unconfirmed')}</strong><p>${rich('credentials.provider.unconfirmedHelp', { link })}</p>`)}
    ${provider.notes || provider.confirmed ? html`<p class="help">${provider.notes ?? nothing} ${provider.confirmed ? link : nothing}</p>` : nothing}`;
}

function signingIn(form: Form<CredentialDraft>, subject: Subject): TemplateResult {
  const { provider, stored } = subject;
  const { draft } = form;
  // Of a service that is not known, it was chosen in the place of the service.
  const uses = (provider?.types ?? []).map((use) => ({ value: use.type, label: use.label, help: t(`credentials.type.${use.type}`) }));
  const fields = fieldsOf(draft, provider);
  const rare = fields.filter((field) => field.rare);
  return formSection(t('credentials.form.signIn.title'), t(stored ? 'credentials.form.signIn.leadEdit' : 'credentials.form.signIn.lead'), html`
    ${stored || uses.length < 2 ? nothing : form.choice<CredentialType>('type', { label: t('credentials.form.type'), options: uses })}
    ${repeat(fields.filter((field) => !field.rare), nameOf, (field) => dataField(form, field, subject))}
    ${draft.type === 'custom_headers' ? headersField(form, {
      name: 'data.headers', label: t('credentials.field.headers'), help: t('credentials.field.headersHelp'), placeholder: 'X-Auth-Token', least: 1,
    }) : nothing}
    ${draft.type === 'oauth2' && draft['data.grant'] === 'authorization_code' ? redirect() : nothing}
    ${rare.length === 0 ? nothing : html`<details class="fold" ?open=${rare.some((field) => form.errorsOf(`data.${field.name}`).length > 0)}>
      <summary>${t('credentials.form.more')}</summary><div class="form-section-fields">${repeat(rare, nameOf, (field) => dataField(form, field, subject))}</div></details>`}`);
}

/** What is shown of a secret is not shown of the field that takes its place. */
function nameOf({ name }: DataField): string {
  return name;
}

/** Where the provider has to send people back to: what is forgotten most when an application is registered. */
function redirect(): TemplateResult {
  const address = `${location.origin}/oauth2/callback`;
  return note('info', html`<p>${t('credentials.form.redirect')}</p><p class="copied-line"><code>${address}</code><lk-copy .text=${address} .label=${t('credentials.form.copyRedirect')}></lk-copy></p>
    <p>${t('credentials.form.connectLater')}</p>`);
}

function dataField(form: Form<CredentialDraft>, field: DataField, { stored }: Subject): TemplateResult {
  const name = `data.${field.name}` as const;
  const told = stored?.data[field.name];
  // Of one that is stored, what is sealed is sealed, whatever its field is otherwise.
  const sealed = isSecret(told);
  const kept = sealed && told.set;
  const { label, example } = field;
  // What has to be entered again is not kept by leaving it empty.
  const help = !kept ? field.help : form.errorsOf(name).length > 0 ? undefined : t('credentials.secret.keep', { when: told.updatedAt ? dateTime(told.updatedAt) : '' });
  const optional = !field.required && !kept;
  switch (sealed ? 'secret' : field.kind) {
    case 'choice':
      return form.choice(name, { label, options: field.options ?? [], ...(field.name === 'grant' ? {} : { help }) });
    case 'lines':
      return form.area(name, { label, help, optional, mono: true, rows: 2, placeholder: example });
    case 'text':
      return form.text(name, { label, help, optional, mono: true, required: field.required, placeholder: example });
    case 'secret':
      return form.field({
        name, label, help, optional,
        control: (tied) => secretInput({
          name, label, value: form.draft[name] ?? '', typed: (value) => form.set({ [name]: value }), tied, placeholder: kept ? t('credentials.secret.kept') : example,
        }),
      });
  }
}

/** Where the service is: its address, or what its address is made of. */
function place(form: Form<CredentialDraft>, { provider, stored }: Subject): TemplateResult | typeof nothing {
  const sandboxes = provider?.sandboxes ?? [];
  const variables = provider?.variables ?? [];
  const own = !provider || provider.ownHost !== null;
  if (!own && sandboxes.length === 0 && variables.length === 0 && !form.draft.baseUrl) {
    return nothing;
  }
  form.errorsOf('variables');
  const together = (form.problem?.errors ?? []).filter(({ field }) => field === 'variables').map(messageOf);
  return formSection(t('credentials.form.place.title'), t(own ? 'credentials.form.place.lead' : 'credentials.form.place.leadKnown'), html`
    ${together.length > 0 ? html`<p class="error field-invalid" tabindex="-1">${together.join(' ')}</p>` : nothing}
    ${variables.map((variable) => form.text(`variables.${variable.name}`, {
      label: variable.label, help: variable.help ?? undefined, mono: true, required: true, placeholder: t('credentials.form.example', { example: variable.example }),
    }))}
    ${own || (sandboxes.length === 0 && form.draft.baseUrl) ? form.text('baseUrl', {
      label: provider?.ownHost?.label ?? t('credentials.form.baseUrl'), help: stored ? t('credentials.form.baseUrlEdit') : provider?.ownHost ? undefined : t('credentials.form.baseUrlHelp'),
      inputmode: 'url', mono: true, required: provider?.ownHost !== undefined && provider.ownHost !== null, placeholder: provider?.ownHost?.example ?? 'https://erp.example.com/api',
      optional: !provider,
    }) : nothing}
    ${sandboxes.length > 0 ? form.choice('baseUrl', {
      label: t('credentials.form.environment'),
      options: [{ value: '', label: t('credentials.form.live') }, ...sandboxes.map((sandbox) => ({ value: sandbox.baseUrl, label: sandbox.label })),
        ...(form.draft.baseUrl && !sandboxes.some((sandbox) => sandbox.baseUrl === form.draft.baseUrl) ? [{ value: form.draft.baseUrl, label: form.draft.baseUrl }] : [])],
    }) : nothing}`);
}

/** By which request it is tested. A known service has one; of another one the person says it. */
function test(form: Form<CredentialDraft>, { provider }: Subject): TemplateResult {
  const known = provider?.types.find((use) => use.type === form.draft.type)?.test;
  const fields = html`
    ${form.text('test.url', { label: t('credentials.form.test.url'), help: t('credentials.form.test.urlHelp'), optional: true, mono: true, placeholder: '/stock?limit=1' })}
    ${form.draft['test.url'].trim() === '' ? nothing : html`
      ${form.choice('test.method', { label: t('credentials.form.test.method'), options: (['GET', 'HEAD'] as const).map((value) => ({ value, label: value, help: t(`credentials.form.test.method.${value}`) })) })}
      ${form.text('test.expectStatus', { label: t('credentials.form.test.status'), help: t('credentials.form.test.statusHelp'), optional: true, inputmode: 'numeric', placeholder: '200' })}
      ${form.text('test.bodyContains', { label: t('credentials.form.test.contains'), help: t('credentials.form.test.containsHelp'), optional: true, mono: true })}`}`;
  const folded = known !== undefined && known.by !== 'nothing';
  const wrong = ['test.url', 'test.method', 'test.expectStatus', 'test.bodyContains'].some((name) => form.errorsOf(name).length > 0);
  return formSection(t('credentials.form.test.title'), t('credentials.form.test.lead'), !folded ? fields : html`
    <div><p>${known.by === 'token' ? t('credentials.form.test.byToken') : rich('credentials.form.test.byRequest', { request: html`<code>${known.method} ${known.url}</code>` })}</p>
    ${known.scope ? html`<p class="help">${rich('credentials.form.test.scope', { scope: html`<code>${known.scope}</code>` })}</p>` : nothing}
    ${known.cost ? html`<p class="help">${t('credentials.form.test.cost', { cost: known.cost })}</p>` : nothing}</div>
    <details class="fold" ?open=${wrong || form.initial['test.url'] !== ''}><summary>${t('credentials.form.test.own')}</summary><div class="form-section-fields">${fields}</div></details>`);
}
