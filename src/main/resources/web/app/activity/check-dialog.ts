import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import '../elements/copy-button.js';
import { PanelDialog } from '../elements/dialog.js';
import { define, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { problemBanner, skeleton } from '../elements/states.js';
import { number } from '../texts/format.js';
import { isTextKey, t } from '../texts/texts.js';

interface Head {
  readonly position: number;
  readonly link: string;
}

interface Verified {
  readonly valid: boolean;
  readonly checked: number;
  readonly firstBroken: { readonly position: number; readonly id: string | null; readonly reason: string } | null;
  /** null: the log is empty. */
  readonly head: Head | null;
}

/** Where an end of the log stands in a text, as it is copied here or as a server writes it into its own log. */
const ANCHOR = /position=(\d{1,15})\D[\s\S]*?link=([0-9a-fA-F]{64})/;

/** Has the whole log computed anew, and compares it with an end of it that somebody kept outside. */
export class CheckDialog extends PanelDialog<void> {
  static override properties = { verified: { state: true }, problem: { state: true }, busy: { state: true }, unreadable: { state: true } };
  declare private verified: Verified | null;
  declare private problem: Problem | null;
  declare private busy: boolean;
  /** What was pasted to compare with is no end of a log. */
  declare private unreadable: boolean;
  /** With which end of the log it was compared. */
  #anchor: Head | null = null;
  readonly #field = uniqueId('anchor');

  constructor() {
    super();
    this.verified = null;
    this.problem = null;
    this.busy = false;
    this.unreadable = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#check(null);
  }

  async #check(anchor: Head | null): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.problem = null;
    const answer = await api.get<Verified>('/activity/verify', anchor ? { anchorPosition: anchor.position, anchorLink: anchor.link } : {});
    this.busy = false;
    this.#anchor = anchor;
    if (answer.ok) {
      this.verified = answer.value;
    } else {
      this.problem = answer.problem;
    }
  }

  #compare = (event: Event): void => {
    event.preventDefault();
    const pasted = this.querySelector<HTMLTextAreaElement>('[name=anchor]')!;
    const found = ANCHOR.exec(pasted.value);
    this.unreadable = !found;
    if (found) {
      void this.#check({ position: Number(found[1]), link: found[2]! });
      this.querySelector<HTMLElement>('.check-result')?.focus();
    } else {
      pasted.focus();
    }
  };

  protected override heading(): string {
    return t('activity.check.title');
  }

  protected override body(): TemplateResult {
    return html`<p class="prose">${t('activity.check.lead')}</p>
      <div class="check-result" role="status" tabindex="-1" autofocus aria-busy=${this.busy ? 'true' : 'false'}>${this.#result()}</div>
      ${this.verified?.valid && this.verified.head ? this.#head(this.verified.head) : nothing}
      <details class="check-compare"><summary>${t('activity.check.compare')}</summary>
        <form novalidate @submit=${this.#compare}>
          <div class="field ${this.unreadable ? 'field-invalid' : ''}"><label class="label" for=${this.#field}>${t('activity.check.anchor')}</label>
            <textarea class="input mono" id=${this.#field} name="anchor" rows="3" spellcheck="false" aria-describedby="${this.#field}-help ${this.#field}-error" aria-invalid=${this.unreadable ? 'true' : nothing}></textarea>
            <p class="error" id="${this.#field}-error">${this.unreadable ? t('activity.check.noAnchor') : nothing}</p>
            <p class="help" id="${this.#field}-help">${t('activity.check.anchorHelp')}</p></div>
          <div><button type="submit" class="button" aria-disabled=${this.busy ? 'true' : nothing}>${t('activity.check.compareAction')}</button></div></form></details>`;
  }

  #result(): TemplateResult {
    const { verified } = this;
    if (this.busy) {
      return html`<p class="help">${t('activity.check.busy')}</p>${skeleton(1)}`;
    }
    if (this.problem || !verified) {
      return this.problem ? problemBanner(this.problem, () => void this.#check(this.#anchor)) : skeleton(1);
    }
    const { firstBroken: broken, checked } = verified;
    if (verified.valid) {
      return html`<div class="banner banner-good">${icon('check')}<div class="banner-text"><strong>${t('activity.check.valid')}</strong>
        <p>${t('activity.check.validBody', { count: checked })}${this.#anchor ? html` ${t('activity.check.validAnchor', { position: number(this.#anchor.position) })}` : nothing}</p></div></div>`;
    }
    return html`<div class="banner banner-error">${icon('error')}<div class="banner-text"><strong>${t('activity.check.broken')}</strong>
      ${broken ? html`<p>${t('activity.check.brokenBody', { checked: number(checked), position: number(broken.position), reason: reasonText(broken.reason) })}</p>` : nothing}<p>${t('activity.check.brokenNext')}</p></div></div>`;
  }

  /** What shows next time that nothing was cut off since. */
  #head({ position, link }: Head): TemplateResult {
    const text = `position=${position} link=${link}`;
    return html`<div class="check-head"><h3>${t('activity.check.head')}</h3><p class="help">${t('activity.check.headHelp')}</p>
      <p class="input-row"><code>${text}</code><lk-copy .text=${`${new Date().toISOString()} ${text}`} label=${t('activity.check.copyHead')}></lk-copy></p></div>`;
  }

  protected override actions(): TemplateResult {
    return html`<button type="button" class="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => void this.#check(null)}>${icon('refresh')}${t('activity.check.again')}</button>
      <button type="button" class="button button-primary" @click=${() => this.close(undefined)}>${t('elements.close')}</button>`;
  }
}

function reasonText(reason: string): string {
  const key = `activity.check.reason.${reason}`;
  return isTextKey(key) ? t(key) : reason;
}

define('lk-check-dialog', CheckDialog);
