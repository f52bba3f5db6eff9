import { html, nothing, type TemplateResult } from 'lit';
import { api, type Page } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon, type IconName } from '../elements/icon.js';
import { titleOf } from '../texts/problems.js';
import { LOCALES, locale, t } from '../texts/texts.js';
import { addressOf } from './addresses.js';
import { pages } from './pages.js';
import { go } from './router.js';
import { chooseLocale, may, session, signOut } from './session.js';
import { enterStore, stores } from './stores.js';
import { chooseTheme, theme, THEMES, type Theme } from './theme.js';

/** Something that the palette offers. */
export interface Command {
  readonly title: string;
  readonly detail?: string;
  readonly icon: IconName;
  /** Further words by which it is found. */
  readonly words?: string;
  readonly run: () => void;
}

interface Section {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** Commands that features add: `offer(() => may('keys:write') ? [...] : [])`. */
export function offer(source: () => readonly Command[]): void {
  offered.push(source);
}

const offered: (() => readonly Command[])[] = [];
const PAUSE_MILLIS = 150;
const FOUND_KEYS = 8;
const SHOWN_STORES = 6;

let opened: Palette | null = null;

/** Opens it, or closes it if it is open. */
export function openPalette(): void {
  if (opened) {
    opened.close();
  } else if (!document.querySelector('dialog[open]')) {
    // Not over a dialog: jumping away from a form would lose it.
    opened = new Palette();
    document.body.append(opened);
  }
}

interface FoundKey {
  readonly id: string;
  readonly name: string;
  readonly start: string;
}

/** Ctrl-K: jumps to pages, stores and keys, and does what can be done from everywhere. */
class Palette extends PanelElement {
  static override properties = { text: { state: true }, active: { state: true }, keys: { state: true }, searching: { state: true }, problem: { state: true } };
  protected override readonly follows = [stores, session, theme];
  declare private text: string;
  declare private active: number;
  declare private keys: readonly FoundKey[];
  declare private searching: boolean;
  declare private problem: Problem | null;
  readonly #id = uniqueId('palette');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #search: AbortController | null = null;

  constructor() {
    super();
    this.text = '';
    this.active = 0;
    this.keys = [];
    this.searching = false;
    this.problem = null;
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')!.showModal();
    this.querySelector('input')!.focus();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#search?.abort();
    opened = null;
    this.querySelector('dialog')?.close();
    this.remove();
  }

  #typed = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.active = 0;
    clearTimeout(this.#timer);
    this.#search?.abort();
    if (this.text.trim().length < 2 || !may('keys:read')) {
      this.keys = [];
      this.searching = false;
      return;
    }
    this.searching = true;
    this.#timer = setTimeout(() => void this.#find(), PAUSE_MILLIS);
  };

  async #find(): Promise<void> {
    this.#search = new AbortController();
    try {
      const answer = await api.get<Page<FoundKey>>('/keys', { q: this.text.trim(), limit: FOUND_KEYS }, { signal: this.#search.signal });
      this.keys = answer.ok ? answer.value.items : [];
      this.problem = answer.ok ? null : answer.problem;
      this.searching = false;
    } catch {
      // Aborted: something else was typed meanwhile.
    }
  }

  #sections(): Section[] {
    const words = plain(this.text).split(/\s+/).filter(Boolean);
    const fits = (command: Command): boolean => {
      const all = plain(`${command.title} ${command.detail ?? ''} ${command.words ?? ''}`);
      return words.every((word) => all.includes(word));
    };
    const storeCommands = (stores.value ?? []).map((store): Command => ({
      title: store.name, detail: store.key, icon: 'store', words: store.platform ?? '',
      run: () => { enterStore(store.key); void go(`/store/${encodeURIComponent(store.key)}/settings/api`); },
    }));
    return [
      {
        title: t('frame.palette.pages'),
        commands: pages.filter((page) => page.navigation && (!page.permission || may(page.permission)))
          .map((page): Command => ({ title: t(page.title), icon: page.navigation!.icon, run: () => void go(addressOf(page)) })).filter(fits),
      },
      {
        title: t('frame.palette.keys'),
        commands: this.keys.map((key): Command => ({ title: key.name, detail: `${key.start}…`, icon: 'key', run: () => void go(`/keys/${key.id}`) })),
      },
      { title: t('frame.palette.stores'), commands: storeCommands.filter(fits).slice(0, SHOWN_STORES) },
      { title: t('frame.palette.actions'), commands: [...offered.flatMap((source) => source()), ...own()].filter(fits) },
    ].filter((section) => section.commands.length > 0);
  }

  #keyed = (event: KeyboardEvent): void => {
    const commands = this.#sections().flatMap((section) => section.commands);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && commands.length > 0) {
      event.preventDefault();
      this.active = (this.active + step + commands.length) % commands.length;
      void this.updateComplete.then(() => this.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' }));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#run(commands[this.active]);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.close();
    }
  };

  #run(command: Command | undefined): void {
    if (command) {
      this.close();
      command.run();
    }
  }

  protected override render(): TemplateResult {
    const sections = this.#sections();
    let index = -1;
    const count = sections.reduce((sum, section) => sum + section.commands.length, 0);
    return html`<dialog class="palette" aria-label=${t('frame.palette.open')} @click=${this.#clicked} @cancel=${(event: Event) => event.preventDefault()}>
      <div class="palette-box">
        <div class="menu-search">${icon('search')}<input type="text" role="combobox" aria-expanded="true" aria-controls="${this.#id}-list"
          aria-activedescendant=${count > 0 ? `${this.#id}-${this.active}` : nothing} aria-label=${t('frame.palette.placeholder')}
          placeholder=${t('frame.palette.placeholder')} autocomplete="off" spellcheck="false" @keydown=${this.#keyed} @input=${this.#typed}>
          <kbd>Esc</kbd></div>
        <div class="menu-list" role="listbox" id="${this.#id}-list" aria-label=${t('frame.palette.results')}>
          ${sections.map((section) => html`<div role="group" aria-label=${section.title}><div class="menu-heading" aria-hidden="true">${section.title}</div>
            ${section.commands.map((command) => {
              index += 1;
              return this.#option(command, index);
            })}</div>`)}
        </div>
        ${this.#status(count)}
      </div>
    </dialog>`;
  }

  #status(count: number): TemplateResult | typeof nothing {
    if (this.problem) {
      return html`<p class="menu-empty" role="alert">${titleOf(this.problem)}</p>`;
    }
    if (this.searching) {
      return html`<p class="menu-empty" role="status">${t('frame.palette.searching')}</p>`;
    }
    return count === 0 ? html`<p class="menu-empty" role="status">${t('frame.palette.none', { text: this.text })}</p>` : nothing;
  }

  #option(command: Command, index: number): TemplateResult {
    const active = index === this.active;
    return html`<div role="option" id="${this.#id}-${index}" class="menu-item" ?data-active=${active} aria-selected=${active ? 'true' : 'false'}
      @click=${() => this.#run(command)} @pointermove=${() => { this.active = index; }}>
      ${icon(command.icon)}<span>${command.title}</span>${command.detail ? html`<span class="menu-detail mono">${command.detail}</span>` : nothing}</div>`;
  }

  #clicked = (event: Event): void => {
    if (event.target === event.currentTarget) {
      this.close();
    }
  };
}

/** What can be done from everywhere. */
function own(): Command[] {
  return [
    ...LOCALES.filter((each) => each !== locale.value).map((each): Command => ({
      title: t(`frame.palette.speak.${each}`), icon: 'language', words: t('frame.language'), run: () => void chooseLocale(each),
    })),
    ...THEMES.filter((each) => each !== theme.value).map((each): Command => ({
      title: t('frame.palette.theme', { theme: t(`frame.themes.${each}`) }), icon: ({ system: 'display', light: 'sun', dark: 'moon' } as const)[each as Theme],
      words: t('frame.theme'), run: () => chooseTheme(each),
    })),
    { title: t('frame.signOut'), icon: 'signOut', run: () => void signOut() },
  ];
}

/** Found without accents and whatever the case. */
function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}

define('lk-palette', Palette);
