import { html, type TemplateResult } from 'lit';
import { define, PanelElement } from '../elements/element.js';
import { t } from '../texts/texts.js';
import { RECIPES } from './recipe.js';

/** What can be made of Latchkey, each whole. */
class RecipesPage extends PanelElement {
  protected override render(): TemplateResult {
    return html`<div class="page">
      <header class="page-head"><div><h1>${t('frame.pages.recipes')}</h1><p class="lead">${t('recipes.lead')}</p></div></header>
      <ul class="recipe-list">${RECIPES.map((name) => html`<li class="card"><h2><a href="/recipes/${name}">${t(`recipes.of.${name}`)}</a></h2>
        <p>${t(`recipes.about.${name}`)}</p></li>`)}</ul>
    </div>`;
  }
}

define('lk-recipes-page', RecipesPage);
