import { html, nothing, type TemplateResult } from 'lit';
import { NETWORK, type Problem } from '../api/problem.js';
import { define, PanelElement } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { errorState, note, skeleton } from '../elements/states.js';
import { subject } from '../frame/subject.js';
import { locale, t } from '../texts/texts.js';
import { read, show, type Block } from './markdown.js';
import { fileOf, isRecipe, RECIPES } from './recipe.js';

/** One recipe: its document, with scripts to take along. It is written in English. */
class RecipePage extends PanelElement {
  static override properties = { name: { attribute: false }, blocks: { state: true }, problem: { state: true } };
  declare name: string;
  declare private blocks: readonly Block[] | null;
  declare private problem: Problem | null;
  #asked = '';

  constructor() {
    super();
    this.name = '';
    this.blocks = null;
    this.problem = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    subject.value = null;
  }

  protected override willUpdate(): void {
    if (this.name !== this.#asked) {
      this.#asked = this.name;
      void this.#load(this.name);
    }
    subject.value = isRecipe(this.name) ? t(`recipes.of.${this.name}`) : null;
  }

  async #load(name: string): Promise<void> {
    this.blocks = null;
    this.problem = null;
    const [source, problem] = isRecipe(name) ? await fetched(fileOf(`${name}.md`)) : [null, missing(404)];
    if (name === this.name) {
      this.blocks = source === null ? null : read(source);
      this.problem = problem;
    }
  }

  protected override render(): TemplateResult {
    if (this.problem) {
      return html`<div class="page">${errorState(this.problem, () => void this.#load(this.name), true)}</div>`;
    }
    const { name } = this;
    return html`<div class="page recipe-page">
      <a class="back-link" href="/recipes">${icon('left')}${t('recipes.all')}</a>
      <header class="page-head"><div><h1>${isRecipe(name) ? t(`recipes.of.${name}`) : ''}</h1></div></header>
      ${locale.value === 'en' ? nothing : note('info', t('recipes.english'))}
      ${this.blocks ? html`<article class="recipe" lang="en">${show(this.blocks, resolve)}</article>` : skeleton(8)}
    </div>`;
  }
}

/** Other documents are in the source alone: where there is no network, a link there would lead nowhere. */
function resolve(target: string): { href: string; file: boolean } | null {
  const file = /([^/]+)\.(md|py|sh)$/.exec(target);
  if (!file) {
    return null;
  }
  const [, name, kind] = file;
  if (kind !== 'md') {
    return { href: fileOf(`${name}.${kind}`), file: true };
  }
  return (RECIPES as readonly string[]).includes(name!) ? { href: `/recipes/${name}`, file: false } : null;
}

async function fetched(address: string): Promise<[string | null, Problem | null]> {
  try {
    const answer = await fetch(address);
    return answer.ok ? [await answer.text(), null] : [null, missing(answer.status)];
  } catch {
    return [null, missing(0)];
  }
}

function missing(status: number): Problem {
  return { ...NETWORK, status, code: status === 0 ? NETWORK.code : status === 404 ? 'not-found' : `http-${status}` };
}

define('lk-recipe-page', RecipePage);
