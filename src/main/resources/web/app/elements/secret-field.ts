import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../texts/texts.js';
import type { Tied } from './form.js';
import { icon } from './icon.js';

export interface SecretInput {
  readonly name: string;
  /** What it is called, for the button that shows it. */
  readonly label: string;
  readonly value: string;
  readonly typed: (value: string) => void;
  readonly tied: Pick<Tied, 'describedBy' | 'invalid'> & { readonly id?: string };
  readonly placeholder?: string;
  /** Where no label is tied to it. */
  readonly labelled?: string;
}

/**
 * A secret as it is typed: masked, with an eye that shows it. No browser fills in a password that it has kept. Some offer to keep
 * this one: none lets a page refuse that for a field that is masked.
 */
export function secretInput({ name, label, value, typed, tied, placeholder, labelled }: SecretInput): TemplateResult {
  return html`<div class="secret-input"><input class="input mono" type="password" id=${tied.id ?? nothing} name=${name} autocomplete="new-password" spellcheck="false"
      autocapitalize="off" aria-label=${labelled ?? nothing} placeholder=${placeholder ?? nothing} aria-describedby=${tied.describedBy} aria-invalid=${tied.invalid} .value=${value}
      @input=${(event: Event) => typed((event.target as HTMLInputElement).value)}>
    <button type="button" class="icon-button" aria-pressed="false" aria-label=${t('elements.secret.show', { name: label })} title=${t('elements.secret.showTitle')}
      @click=${show}>${icon('eye')}${icon('eyeOff')}</button></div>`;
}

/** Shown as long as the field stands there and nobody hides it again. */
function show(event: Event): void {
  const button = event.currentTarget as HTMLElement;
  const input = button.parentElement!.querySelector('input')!;
  const shown = input.type === 'password';
  input.type = shown ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(shown));
}
