import { html, nothing, type TemplateResult } from 'lit';
import { api, type Page } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { Combobox, type Choices } from '../elements/combobox.js';
import { define, PanelElement } from '../elements/element.js';
import { icon, type IconName } from '../elements/icon.js';
import { titleOf } from '../texts/problems.js';
import { LOCALES, locale, t } from '../texts/texts.js';
import { addressOf } from './addresses.js';
import { pages } from './pages.js';
import { go } from './router.js';
import { chooseLocale, may, session, signOut } from './session.js';
import { stores } from './stores.js';
import { chooseTheme, theme, THEMES, type Theme } from './theme.js';

/** Something that the palette offers. */
export interface Command {
  /** Where the title does not tell it from others. */
  readonly id?: string;
  readonly title: string;
  readonly detail?: string;
  readonly icon: IconName;
  /** Further words by which it is found. */
  readonly words?: string;
  readonly run: () => void;
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
  static override properties = { keys: { state: true }, searching: { state: true }, problem: { state: true } };
  protected override readonly follows = [stores, session, theme];
  declare private keys: readonly FoundKey[];
  declare private searching: boolean;
  declare private problem: Problem | null;
  readonly #combobox = new Combobox<Command>(this, {
    groups: () => this.#groups(),
    id: (command) => command.id ?? `${command.icon} ${command.title} ${command.detail ?? ''}`,
    choose: (command) => {
      this.close();
      command.run();
    },
    typed: () => this.#typed(),
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #search: AbortController | null = null;

  constructor() {
    super();
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
    if (opened === this) {
      opened = null;
    }
    this.querySelector('dialog')?.close();
    this.remove();
  }

  #typed(): void {
    clearTimeout(this.#timer);
    this.#search?.abort();
    this.problem = null;
    this.searching = this.#combobox.text.trim().length >= 2 && may('keys:read');
    if (this.searching) {
      this.#timer = setTimeout(() => void this.#find(), PAUSE_MILLIS);
    } else {
      this.keys = [];
    }
  }

  async #find(): Promise<void> {
    const search = new AbortController();
    this.#search = search;
    try {
      const answer = await api.get<Page<FoundKey>>('/keys', { q: this.#combobox.text.trim(), limit: FOUND_KEYS }, { signal: search.signal });
      if (!search.signal.aborted) {
        this.keys = answer.ok ? answer.value.items : [];
        this.problem = answer.ok ? null : answer.problem;
        this.searching = false;
      }
    } catch {
      // Aborted: something else was typed meanwhile.
    }
  }

  #groups(): Choices<Command>[] {
    const words = plain(this.#combobox.text).split(/\s+/).filter(Boolean);
    const fits = (command: Command): boolean => {
      const all = plain(`${command.title} ${command.detail ?? ''} ${command.words ?? ''}`);
      return words.every((word) => all.includes(word));
    };
    const storeCommands = (stores.value ?? []).map((store): Command => ({
      id: store.id, title: store.name, detail: store.key, icon: 'store', words: store.platform ?? '',
      run: () => void go(`/store/${encodeURIComponent(store.key)}/settings/api`),
    }));
    // What was found for other words may not be what is looked for now.
    const found = this.keys.map((key): Command => ({ id: key.id, title: key.name, detail: `${key.start}…`, icon: 'key', run: () => void go(`/keys/${key.id}`) }));
    return [
      {
        label: t('frame.palette.pages'),
        choices: pages.filter((page) => page.navigation && (!page.permission || may(page.permission)))
          .map((page): Command => ({ title: t(page.title), icon: page.navigation!.icon, run: () => void go(addressOf(page)) })).filter(fits),
      },
      {
        label: t('frame.palette.keys'),
        choices: this.searching ? found.filter(fits) : found,
      },
      { label: t('frame.palette.stores'), choices: storeCommands.filter(fits).slice(0, SHOWN_STORES) },
      { label: t('frame.palette.actions'), choices: [...offered.flatMap((source) => source()), ...own()].filter(fits) },
    ].filter((group) => group.choices.length > 0);
  }

  #keyed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      this.close();
    }
  };

  protected override render(): TemplateResult {
    return html`<dialog class="palette" aria-label=${t('frame.palette.open')} @click=${this.#clicked} @keydown=${this.#keyed}
      @cancel=${() => this.close()} @close=${() => this.close()}>
      <div class="palette-box">
        ${this.#combobox.field(t('frame.palette.placeholder'), html`<kbd>Esc</kbd>`)}
        ${this.#combobox.list(t('frame.palette.results'), ({ icon: name, title, detail }) =>
          html`${icon(name)}<span>${title}</span>${detail ? html`<span class="menu-detail mono">${detail}</span>` : nothing}`)}
        ${this.#status()}
      </div>
    </dialog>`;
  }

  #status(): TemplateResult | typeof nothing {
    if (this.problem) {
      return html`<p class="menu-empty" role="alert">${titleOf(this.problem)}</p>`;
    }
    if (this.searching) {
      return html`<p class="menu-empty" role="status">${t('frame.palette.searching')}</p>`;
    }
    return this.#combobox.count === 0
      ? html`<p class="menu-empty" role="status">${t('frame.palette.none', { text: this.#combobox.text })}</p>` : nothing;
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
