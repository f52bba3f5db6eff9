import { html, nothing, type TemplateResult } from 'lit';
import type { Form } from '../elements/form.js';
import { icon } from '../elements/icon.js';
import { rich, t } from '../texts/texts.js';
import { lackOf, originOf, type WebhookDraft } from './draft.js';

/** Where events go. What a URL lacks is said as it is typed; what the API says of it stands in its place. */
export function urlField(form: Form<WebhookDraft>, autofocus: boolean): TemplateResult {
  const { url } = form.draft;
  return html`${form.field({
    name: 'url', label: t('webhooks.form.url'), help: t('webhooks.form.urlHelp'),
    control: ({ id, describedBy, invalid }) => html`<input class="input mono" id=${id} name="url" type="url" inputmode="url" autocomplete="off" spellcheck="false" ?autofocus=${autofocus}
        required placeholder="https://erp.example/hooks/orders" aria-describedby=${[describedBy === nothing ? '' : String(describedBy), `${id}-hint`].filter(Boolean).join(' ')}
        aria-invalid=${invalid} .value=${url} @input=${(event: Event) => form.set({ url: (event.target as HTMLInputElement).value })}>
      <div class="url-hint" id="${id}-hint" role="status">${invalid === nothing ? hint(url) : nothing}</div>`,
  })}`;
}

function hint(url: string): TemplateResult | typeof nothing {
  const lack = lackOf(url);
  if (lack) {
    return html`<p class="url-lack">${icon('warning')}<span>${t(lack)}</span></p>`;
  }
  const host = /^https?:\/\/.+/i.test(url.trim()) ? originOf(url) : null;
  return host === null ? nothing : html`<p class="url-good">${icon('check')}<span>${rich('webhooks.url.good', { host: html`<code>${new URL(host).host}</code>` })}</span></p>`;
}
