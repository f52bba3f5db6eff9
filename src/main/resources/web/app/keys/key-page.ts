import { html, type TemplateResult } from 'lit';
import { define, PanelElement } from '../elements/element.js';
import { t } from '../texts/texts.js';

class KeyPage extends PanelElement {
  protected override render(): TemplateResult {
    return html`<header class="page-head"><h1>${t('frame.pages.key')}</h1></header>`;
  }
}

define('lk-key-page', KeyPage);
