import { html, type TemplateResult } from 'lit';
import { Signal } from '../frame/signal.js';
import { en } from './en/en.js';
import { es } from './es/es.js';

/**
 * What the panel says, in English and Spanish. A text has a key such as `stores.delete.title`, whose first part is the file
 * that holds it; `PanelTextsTest` finds keys and placeholders that one language lacks.
 *
 * Placeholders: `{name}`, and `{count, plural, one {# key} other {# keys}}` by the plural rules of the language.
 */
export type TextKey = keyof typeof en;
export type Locale = 'en' | 'es';
export type Values = Readonly<Record<string, string | number>>;

export const LOCALES: readonly Locale[] = ['en', 'es'];

const dictionaries: Record<Locale, Readonly<Record<TextKey, string>>> = { en, es };

const STORED = 'latchkey.locale';

/** The language that is spoken; set it by `speak`. */
export const locale = new Signal<Locale>(initial());
document.documentElement.lang = locale.value;

function initial(): Locale {
  const chosen = read();
  if (chosen) {
    return chosen;
  }
  for (const wanted of navigator.languages ?? [navigator.language]) {
    const known = LOCALES.find((each) => wanted.toLowerCase().split('-')[0] === each);
    if (known) {
      return known;
    }
  }
  return 'en';
}

function read(): Locale | undefined {
  try {
    const stored = localStorage.getItem(STORED);
    return LOCALES.find((each) => each === stored);
  } catch {
    return undefined; // Storage can be forbidden, inside a frame for one.
  }
}

/** Changes the language; `remember` also for the next visit from this browser. */
export function speak(wanted: Locale, remember: boolean): void {
  if (remember) {
    try {
      localStorage.setItem(STORED, wanted);
    } catch {
      // Then it lasts as long as the page.
    }
  }
  document.documentElement.lang = wanted;
  locale.value = wanted;
}

/** Headers that ask the API for its sentences in the person's language. */
export function inLanguage(): Readonly<Record<string, string>> {
  return { 'Accept-Language': locale.value };
}

export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

/** What follows a prefix, of every key that begins with it: names that the dictionary knows. */
export function textsUnder(prefix: string): string[] {
  return Object.keys(en).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/** The text of a key, with its values in place. */
export function t(key: TextKey, values: Values = {}): string {
  return pieces(dictionaries[locale.value][key], values).join('');
}

/** The text of a key as a template, in which values may be templates: emphasis, links, code. */
export function rich(key: TextKey, values: Readonly<Record<string, unknown>>): TemplateResult {
  return html`${pieces(dictionaries[locale.value][key], values)}`;
}

function pieces(text: string, values: Readonly<Record<string, unknown>>): unknown[] {
  const found: unknown[] = [];
  let from = 0;
  while (from < text.length) {
    const open = text.indexOf('{', from);
    if (open < 0) {
      found.push(text.slice(from));
      break;
    }
    found.push(text.slice(from, open));
    const close = closing(text, open);
    found.push(...placeholder(text.slice(open + 1, close), values));
    from = close + 1;
  }
  return found;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') {
      depth += 1;
    } else if (text[at] === '}') {
      depth -= 1;
      if (depth === 0) {
        return at;
      }
    }
  }
  return text.length;
}

function placeholder(inside: string, values: Readonly<Record<string, unknown>>): unknown[] {
  const [name, kind, forms] = split(inside);
  const value = values[name];
  if (kind !== 'plural' || typeof value !== 'number') {
    return [typeof value === 'number' ? number(value) : typeof value === 'string' ? isolated(value) : (value ?? `{${name}}`)];
  }
  const chosen = plural(forms ?? '', value);
  return pieces(chosen.replaceAll('#', number(value)), values);
}

/** Hebrew, Arabic and the like; characters that turn the direction of what follows them. */
const TURNS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\p{Bidi_Control}]/u;

/** What is written from right to left stays apart: it does not put the words around it into another order. */
export function isolated(value: string): string {
  return TURNS.test(value) ? `\u2068${closed(value)}\u2069` : value;
}

/** Whatever is held apart in it ends in it, and it ends nothing else. */
function closed(value: string): string {
  let kept = '';
  let open = 0;
  for (const character of value) {
    const ends = character === '\u2069';
    if (ends && open === 0) {
      continue;
    }
    open += ends ? -1 : /[\u2066-\u2068]/.test(character) ? 1 : 0;
    kept += character;
  }
  return kept + '\u2069'.repeat(open);
}

function split(inside: string): [string, string?, string?] {
  const first = inside.indexOf(',');
  if (first < 0) {
    return [inside.trim()];
  }
  const second = inside.indexOf(',', first + 1);
  return [inside.slice(0, first).trim(), inside.slice(first + 1, second).trim(), inside.slice(second + 1)];
}

function plural(forms: string, value: number): string {
  const wanted = new Intl.PluralRules(locale.value).select(value);
  const found = new Map<string, string>();
  for (let at = 0; at < forms.length;) {
    const open = forms.indexOf('{', at);
    if (open < 0) {
      break;
    }
    const close = closing(forms, open);
    found.set(forms.slice(at, open).trim(), forms.slice(open + 1, close));
    at = close + 1;
  }
  return found.get(`=${value}`) ?? found.get(wanted) ?? found.get('other') ?? '';
}

function number(value: number): string {
  return new Intl.NumberFormat(region()).format(value);
}

/** The person's own regional variant of the language that is spoken: `es-MX` writes numbers and dates otherwise than `es-ES`. */
export function region(): string {
  return (navigator.languages ?? [navigator.language]).find((each) => each.toLowerCase().split('-')[0] === locale.value)
    ?? locale.value;
}
