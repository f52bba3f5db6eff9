import { html, nothing, type TemplateResult } from 'lit';
import { note } from '../elements/states.js';
import { messageOf } from '../texts/problems.js';
import { t } from '../texts/texts.js';
import type { Key, KeyWarning } from './key.js';

/** What was accepted and is likely not meant. */
export function warningsOf(key: Key): TemplateResult | typeof nothing {
  return key.warnings?.length
    ? note('warning', html`<strong>${t('keys.warnings')}</strong><ul>${key.warnings.map((warning) => html`<li>${warningText(key, warning)}</li>`)}</ul>`)
    : nothing;
}

/** With the entry that it is about: `methods[0]` means nothing to who ticked it. */
export function warningText(key: Key, warning: KeyWarning): string {
  const index = Number(/^methods\[(\d+)\]$/.exec(warning.field)?.[1] ?? NaN);
  const entry = key.methods?.[index];
  return `${entry ? `${entry}: ` : ''}${messageOf(warning)}`;
}
