import { offer } from '../frame/palette.js';
import { go } from '../frame/router.js';
import { t } from '../texts/texts.js';
import { RECIPES } from './recipe.js';

/** Recipes are found from everywhere, also once there is something on every page. */
offer(() => [
  { title: t('frame.pages.recipes'), icon: 'document', run: () => void go('/recipes') },
  ...RECIPES.map((name) => ({
    title: t(`recipes.of.${name}`), detail: t('frame.pages.recipe'), icon: 'document' as const, words: t('frame.pages.recipes'), run: () => void go(`/recipes/${name}`),
  })),
]);
