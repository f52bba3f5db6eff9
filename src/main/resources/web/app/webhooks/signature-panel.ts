import { html, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { define, PanelElement } from '../elements/element.js';
import { rich, t } from '../texts/texts.js';
import { LANGUAGES, SNIPPETS, type Language } from './snippets.js';

/** How a receiver knows that a message is from here: code to copy, in the language that it is written in. */
class SignaturePanel extends PanelElement {
  static override properties = { language: { state: true } };
  declare private language: Language;

  constructor() {
    super();
    this.language = 'node';
  }

  protected override render(): TemplateResult {
    const { language } = this;
    const text = SNIPPETS[language];
    return html`<section class="key-section" aria-labelledby="webhook-signature"><header class="section-head"><h2 id="webhook-signature">${t('webhooks.signature.title')}</h2>
        <div class="section-controls"><div class="segments" role="group" aria-label=${t('webhooks.signature.language')}>${LANGUAGES.map((each) =>
          html`<button type="button" translate="no" aria-pressed=${each === language ? 'true' : 'false'} data-language=${each} @click=${() => { this.language = each; }}>${t(`webhooks.signature.in.${each}`)}</button>`)}</div></div></header>
      <p class="help">${rich('webhooks.signature.lead', { secret: html`<code>WEBHOOK_SECRET</code>` })}
        ${rich('webhooks.signature.recipe', { recipe: html`<a href="/recipes/receive-orders">${t('recipes.of.receive-orders')}</a>` })}</p>
      <div class="code-frame"><div class="code-head"><span class="key-note">${t(`webhooks.signature.about.${language}`)}</span><lk-copy wide .text=${text} .label=${t('webhooks.signature.copy')}></lk-copy></div>
        <pre class="code-block code-tall" tabindex="0" role="region" aria-label=${t('webhooks.signature.code', { language: t(`webhooks.signature.in.${language}`) })} translate="no"><code>${text}</code></pre></div>
    </section>`;
  }
}

define('lk-signature-panel', SignaturePanel);
