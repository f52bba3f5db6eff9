import { html, nothing, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { tag, timeAgo } from '../elements/values.js';
import { storeName } from '../keys/key.js';
import { dateTime } from '../texts/format.js';
import { isTextKey, t } from '../texts/texts.js';
import { isSecret, secretText, type Credential } from './credential.js';
import { fieldName } from './field-names.js';
import { providerName, type Provider } from './provider.js';

/** In the order in which one asks for them; others follow. */
const ORDER = ['grant', 'username', 'password', 'placement', 'name', 'prefix', 'key', 'secret', 'token', 'clientId', 'clientSecret', 'scopes', 'issuer', 'tokenUrl', 'authorizeUrl', 'revokeUrl', 'clientAuth', 'pkce', 'accessToken', 'refreshToken'];
/** Told elsewhere. */
const LEFT_OUT = new Set(['expiresAt']);
/** Fields of the data whose values are names of choices. */
const CHOICES = new Set(['placement', 'grant', 'clientAuth', 'pkce']);

/** Whom a credential is for, what it holds as far as it may be shown, and where it comes from. */
export function credentialFacts(credential: Credential, provider: Provider | null): TemplateResult {
  const { store, test } = credential;
  return html`<div class="facts">
    ${section('service', html`<dl>
      ${fact(t('credentials.columns.provider'), html`<span translate=${credential.provider ? 'no' : nothing}>${providerName(credential.provider)}</span>${provider && !provider.confirmed ? html`<span class="key-note">${t('credentials.provider.unconfirmed')}</span>` : nothing}`)}
      ${fact(t('credentials.columns.type'), t(`credentials.type.${credential.type}`))}
      ${credential.baseUrl ? fact(t('credentials.form.baseUrl'), html`<code>${credential.baseUrl}</code>`) : nothing}
      ${Object.entries(credential.variables).map(([name, value]) => fact(fieldName(`variables.${name}`, provider), html`<code>${value}</code>`))}
      ${fact(t('credentials.columns.store'), store ? html`<span translate="no">${storeName(store)}</span>` : html`<span>${tag({ label: t('frame.stores.all'), tone: 'accent' })}</span>`)}</dl>`)}
    ${section('data', html`<dl>${dataFacts(credential, provider)}
      ${test ? fact(t('credentials.form.test.own'), html`<code>${test.method} ${test.url}</code>${test.expectStatus || test.bodyContains
        ? html`<span class="key-note">${[test.expectStatus ?? '', test.bodyContains ?? ''].filter(Boolean).join(' · ')}</span>` : nothing}`) : nothing}</dl>`)}
    ${section('origin', html`<dl>
      ${fact(t('keys.columns.created'), html`${dateTime(credential.createdAt)}<span class="key-note" translate="no">${credential.createdBy.type === 'key' ? t('keys.createdByKey', { name: credential.createdBy.name }) : credential.createdBy.name}</span>`)}
      ${fact(t('keys.facts.changed'), timeAgo(credential.updatedAt))}
      ${fact(t('credentials.columns.used'), timeAgo(credential.lastUsedAt))}
      ${fact(t('keys.facts.id'), html`<span class="fact-id"><code>${credential.id}</code><lk-copy .text=${credential.id} .label=${t('keys.facts.copyId')}></lk-copy></span>`)}</dl>`)}
  </div>`;
}

function section(name: 'service' | 'data' | 'origin', content: TemplateResult): TemplateResult {
  return html`<section aria-labelledby="facts-${name}" data-facts=${name}><h2 id="facts-${name}">${t(`credentials.facts.${name}`)}</h2>${content}</section>`;
}

function fact(name: string, value: TemplateResult | string): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function dataFacts({ data }: Credential, provider: Provider | null): TemplateResult[] {
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(data).filter(([name]) => !LEFT_OUT.has(name)).sort(([one], [other]) => rank(one) - rank(other)).flatMap(([name, value]) => {
    if (name === 'headers' && typeof value === 'object' && value !== null) {
      return Object.entries(value).map(([header, told]) => html`<div><dt><code>${header}</code></dt><dd>${isSecret(told) ? secretText(told) : nothing}</dd></div>`);
    }
    if (isSecret(value)) {
      return told(name) || value.set ? [fact(fieldName(`data.${name}`, provider), secretText(value))] : [];
    }
    const text = Array.isArray(value) ? value.join(' ') : String(value);
    const choice = `credentials.choice.${name}.${text}`;
    return text === '' ? [] : [fact(fieldName(`data.${name}`, provider), CHOICES.has(name) && isTextKey(choice) ? t(choice) : html`<code>${text}</code>`)];
  });
}

/** Of tokens it is worth knowing that there are none. */
function told(name: string): boolean {
  return name === 'accessToken' || name === 'refreshToken';
}
