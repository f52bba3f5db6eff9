import { html, nothing, type TemplateResult } from 'lit';

/** A group of the fields of a form: what it is about beside them, or above them where there is little room. */
export function formSection(title: string, lead: string | TemplateResult | null, fields: unknown, page = false): TemplateResult {
  return html`<section class="form-section ${page ? 'card' : ''}"><div class="form-section-head">${page ? html`<h2>${title}</h2>` : html`<h3>${title}</h3>`}
    ${lead ? html`<p class="help">${lead}</p>` : nothing}</div>
    <div class="form-section-fields">${fields}</div></section>`;
}
