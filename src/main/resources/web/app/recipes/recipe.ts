import { html, type TemplateResult } from 'lit';
import { t } from '../texts/texts.js';

/** The recipes of `docs/recipes`, which the server has beside the panel: what they say fits this version, and needs no network. */
export const RECIPES = ['stock-to-an-erp', 'orders-from-a-channel', 'nightly-report', 'receive-orders'] as const;
export type RecipeName = (typeof RECIPES)[number];

/** Where documents and scripts of recipes are. */
const FILES = '/recipe-files/';

export function isRecipe(name: string): name is RecipeName {
  return (RECIPES as readonly string[]).includes(name);
}

export function fileOf(name: string): string {
  return FILES + encodeURIComponent(name);
}

/**
 * Where a recipe helps: the ones that do.
 *
 * @param lead what they are about there; by itself, how to make what is missing
 */
export function recipesFor(names: readonly RecipeName[], lead: string = t('recipes.help')): TemplateResult {
  return html`<p class="recipes-for help">${lead} ${names.map((name, index) => html`${index > 0 ? ' · ' : ''}<a href="/recipes/${name}">${t(`recipes.of.${name}`)}</a>`)}</p>`;
}
