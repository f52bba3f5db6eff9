import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { FieldError, Problem } from '../api/problem.js';
import { messageOf } from '../texts/problems.js';
import { t } from '../texts/texts.js';
import { uniqueId } from './element.js';
import type { Form } from './form.js';
import { icon } from './icon.js';
import { secretInput } from './secret-field.js';

/** A header of one's own: of one that is stored the value is not known, and stays unless another is typed. */
export interface HeaderDraft {
  /** As it is stored; null: a new one. */
  readonly stored: string | null;
  readonly name: string;
  readonly value: string;
}

export const NO_HEADER: HeaderDraft = { stored: null, name: '', value: '' };

/**
 * Two headers of one name, which a request cannot say: one value would silently be lost. Null: there are none.
 *
 * @param field as the API names them in `errors`
 */
export function twiceIn(field: string, headers: readonly HeaderDraft[]): Problem | null {
  const names = headers.map(({ name }) => name.trim()).filter((name) => name !== '');
  const twice = names.filter((name) => names.filter((other) => isSame(name, other)).length > 1);
  return twice.length === 0 ? null
    : { status: 422, code: 'invalid', title: '', detail: '', body: {}, errors: [...new Set(twice)].map((name) => ({ field: `${field}.${name}`, message: 'is there twice' })) };
}

/** Of a form that was changed by somebody else meanwhile: each header is a field of its own. */
export function mergedHeaders(before: readonly HeaderDraft[], mine: readonly HeaderDraft[], saved: readonly HeaderDraft[]): readonly HeaderDraft[] {
  const stands = (name: string): boolean => saved.some(({ stored }) => stored !== null && isSame(stored, name));
  const stood = (name: string): boolean => before.some(({ stored }) => stored !== null && isSame(stored, name));
  // What the other one has removed goes, unless something was typed into it: then it is a new one.
  const kept = mine.filter(({ stored, name, value }) => stored === null || stands(stored) || value !== '' || name.trim() !== stored)
    .map((header) => (header.stored === null || stands(header.stored) ? header : { ...header, stored: null }));
  const added = saved.filter(({ stored }) => stored !== null && !stood(stored) && !mine.some(({ name }) => isSame(name.trim(), stored)));
  return [...kept, ...added];
}

/** Capitals make no other header. */
function isSame(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

/** Which row it is, whatever is typed into it: a value that is shown in one is not shown in the one that takes its place. */
const rows = new WeakMap<HeaderDraft, object>();

function rowOf(header: HeaderDraft): object {
  const known = rows.get(header) ?? {};
  rows.set(header, known);
  return known;
}

function typedInto(header: HeaderDraft, change: Partial<HeaderDraft>): HeaderDraft {
  const changed = { ...header, ...change };
  rows.set(changed, rowOf(header));
  return changed;
}

export interface HeadersField {
  /** As the API names them in `errors`. */
  readonly name: string;
  readonly label: string;
  readonly help: string | TemplateResult;
  readonly optional?: boolean;
  readonly placeholder: string;
  /** So many rows cannot be taken away. */
  readonly least: number;
}

const id = uniqueId('headers');

/** Headers as they are, each with its name and its value; what is wrong with one stands below it. */
export function headersField<D extends { readonly headers: readonly HeaderDraft[] }>(form: Form<D>, { name, label, help, optional, placeholder, least }: HeadersField): TemplateResult {
  const { headers } = form.draft;
  const set = (changed: readonly HeaderDraft[]): void => form.set({ headers: changed } as Partial<D>);
  // All that is said below them belongs to one of them; what is said of all of them stands above.
  form.errorsOf(name);
  const errors = form.problem?.errors ?? [];
  const whole = errors.filter(({ field }) => field === name).map(messageOf);
  // A row that is empty is not sent; a value without a name is, and is refused.
  const wrong = (header: HeaderDraft): string[] => errors.filter(({ field }) => (header.name.trim() !== '' || header.value !== '') && field === `${name}.${header.name.trim()}`)
    .map((error) => saidOf(header, error));
  return html`<div class="field ${whole.length > 0 ? 'field-invalid' : ''}" role="group" aria-labelledby="${id}-label">
    <span class="label" id="${id}-label">${label}${optional ? html` <span class="optional">${t('elements.optional')}</span>` : nothing}</span>
    <p class="help">${help}</p>
    ${whole.length > 0 ? html`<p class="error">${whole.join(' ')}</p>` : nothing}
    ${repeat(headers, rowOf, (header, at) => row({
      header, at, placeholder, errors: wrong(header), removable: headers.length > least,
      set: (change) => set(headers.map((each, index) => (index === at ? typedInto(each, change) : each))),
      remove: (button) => {
        passFocus(button, headers.length - 1 > least);
        set(headers.filter((_, index) => index !== at));
      },
    }))}
    <div><button type="button" class="button button-small" @click=${() => set([...headers, { ...NO_HEADER }])}>${icon('plus')}${t('elements.headers.add')}</button></div>
  </div>`;
}

/** The button that removes a row goes with it: the focus to that of its neighbour, or to the one that adds rows. */
function passFocus(button: HTMLElement, others: boolean): void {
  const gone = button.closest('.header-row')!;
  const neighbour = [gone.nextElementSibling, gone.previousElementSibling].find((each) => each?.matches('.header-row'));
  const next = others && neighbour ? neighbour.querySelector<HTMLElement>(':scope > button') : gone.parentElement!.querySelector<HTMLElement>(':scope > div:last-child button');
  next?.focus();
}

/** The API knows a header only by its name: where there is none, it cannot say that it is the name that is required. */
function saidOf({ name }: HeaderDraft, error: FieldError): string {
  return name.trim() === '' && /^(must not be blank|is not the name of a header)/.test(error.message) ? t('elements.headers.nameless') : messageOf(error);
}

interface Row {
  readonly header: HeaderDraft;
  readonly at: number;
  readonly placeholder: string;
  readonly errors: readonly string[];
  readonly removable: boolean;
  readonly set: (change: Partial<HeaderDraft>) => void;
  readonly remove: (button: HTMLElement) => void;
}

function row({ header, at, placeholder, errors, removable, set, remove }: Row): TemplateResult {
  const number = at + 1;
  const invalid = errors.length > 0 ? 'true' : nothing;
  const described = `${id}-${at}-error`;
  const describedBy = errors.length > 0 ? described : nothing;
  return html`<div class="header-row">
    <input class="input mono" name="header-name" autocomplete="off" spellcheck="false" placeholder=${placeholder} aria-label=${t('elements.headers.name', { number })}
      aria-invalid=${invalid} aria-describedby=${describedBy} .value=${header.name} @input=${(event: Event) => set({ name: (event.target as HTMLInputElement).value })}>
    ${secretInput({
      name: 'header-value', label: t('elements.headers.value', { number }), labelled: t('elements.headers.value', { number }), value: header.value,
      placeholder: header.stored === null ? undefined : t('elements.headers.kept'), typed: (value) => set({ value }), tied: { describedBy, invalid },
    })}
    <button type="button" class="icon-button" ?disabled=${!removable} aria-label=${t('elements.headers.remove', { number })} title=${t('elements.delete')} @click=${(event: Event) => remove(event.currentTarget as HTMLElement)}>${icon('trash')}</button>
    ${errors.length > 0 ? html`<p class="error" id=${described}>${errors.join(' ')}</p>` : nothing}</div>`;
}
