import { html, nothing, type TemplateResult } from 'lit';
import type { Form } from '../elements/form.js';
import { icon } from '../elements/icon.js';
import { secretInput } from '../elements/secret-field.js';
import { messageOf } from '../texts/problems.js';
import { t } from '../texts/texts.js';
import type { CredentialDraft, HeaderDraft } from './draft.js';

/** Headers as they are, each with its name and its value; what is wrong with one stands below it. */
export function headersField(form: Form<CredentialDraft>): TemplateResult {
  const { headers } = form.draft;
  const set = (at: number, change: Partial<HeaderDraft>): void => form.set({ headers: headers.map((header, index) => (index === at ? { ...header, ...change } : header)) });
  // All that is said below them belongs to one of them; what is said of all of them stands above.
  form.errorsOf('data.headers');
  const errors = form.problem?.errors ?? [];
  const whole = errors.filter(({ field }) => field === 'data.headers').map(messageOf);
  return html`<div class="field ${whole.length > 0 ? 'field-invalid' : ''}" role="group" aria-labelledby="headers-label">
    <span class="label" id="headers-label">${t('credentials.field.headers')}</span>
    <p class="help">${t('credentials.field.headersHelp')}</p>
    ${whole.length > 0 ? html`<p class="error">${whole.join(' ')}</p>` : nothing}
    ${headers.map((header, index) => row(header, index, set, () => form.set({ headers: headers.filter((_, at) => at !== index) }),
      errors.filter(({ field }) => header.name.trim() !== '' && field === `data.headers.${header.name.trim()}`).map(messageOf), headers.length > 1))}
    <div><button type="button" class="button button-small" @click=${() => form.set({ headers: [...headers, { stored: null, name: '', value: '' }] })}>${icon('plus')}${t('credentials.field.addHeader')}</button></div>
  </div>`;
}

function row(header: HeaderDraft, index: number, set: (at: number, change: Partial<HeaderDraft>) => void, remove: () => void, errors: readonly string[], removable: boolean): TemplateResult {
  const number = index + 1;
  const invalid = errors.length > 0 ? 'true' : nothing;
  const id = `header-${index}-error`;
  const describedBy = errors.length > 0 ? id : nothing;
  return html`<div class="header-row">
    <input class="input mono" name="header-name" autocomplete="off" spellcheck="false" placeholder="X-Auth-Token" aria-label=${t('credentials.field.headerName', { number })}
      aria-invalid=${invalid} aria-describedby=${describedBy} .value=${header.name} @input=${(event: Event) => set(index, { name: (event.target as HTMLInputElement).value })}>
    ${secretInput({
      name: 'header-value', label: t('credentials.field.headerValue', { number }), labelled: t('credentials.field.headerValue', { number }), value: header.value,
      placeholder: header.stored === null ? undefined : t('credentials.secret.kept'), typed: (value) => set(index, { value }), tied: { describedBy, invalid },
    })}
    <button type="button" class="icon-button" ?disabled=${!removable} aria-label=${t('credentials.field.removeHeader', { number })} title=${t('elements.delete')} @click=${remove}>${icon('trash')}</button>
    ${errors.length > 0 ? html`<p class="error" id=${id}>${errors.join(' ')}</p>` : nothing}</div>`;
}
