import { html, type TemplateResult } from 'lit';
import { define, PanelElement } from '../elements/element.js';
import { t } from '../texts/texts.js';

class ReviewPage extends PanelElement {
  protected override render(): TemplateResult {
    return html`<header class="page-head"><h1>${t('frame.pages.review')}</h1></header>`;
  }
}

define('lk-review-page', ReviewPage);
