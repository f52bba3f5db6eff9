import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { define, PanelElement, takesIn, uniqueId } from '../elements/element.js';
import { icon, type IconName } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { problemBanner } from '../elements/states.js';
import { refused } from '../elements/toasts.js';
import { session } from '../frame/session.js';
import { spoken } from '../review/finding.js';
import { isTextKey, rich, t } from '../texts/texts.js';
import { actionsOf, edit, read, takesChanges } from './actions.js';
import { bind, unbind } from './binding.js';
import { inLanguage, type CredentialType } from './credential.js';
import { integrationChanged } from './integration.js';

/** A finding about a credential, as the API tells of it. */
interface Finding {
  readonly credential: { readonly id: string; readonly name: string; readonly type: CredentialType };
  readonly reason: string;
  readonly detail: string;
  readonly action: { readonly method: string; readonly path: string; readonly description: string; readonly allowed: boolean };
}

/** What mends a finding, by the call that the API advises. */
type Deed = 'replace' | 'delete' | 'unbind' | 'bind';

const ICONS: Readonly<Record<string, IconName>> = { 'expiring-soon': 'clock', 'older-than-policy': 'refresh', unbound: 'link', unused: 'minus' };
const SHOWN = 20;

/** What is worth a look of one credential, or of all of them, each with the steps that mend it. Nothing where there is nothing. */
class CredentialFindings extends PanelElement {
  static override properties = { credentialId: { attribute: false }, busy: { state: true } };
  protected override readonly follows = [session];
  /** null: of all. */
  declare credentialId: string | null;
  declare private busy: string | null;
  readonly #list = new List<Finding>(this, '/credentials/review', SHOWN, inLanguage);
  readonly #id = uniqueId('credential-findings');

  constructor() {
    super();
    this.credentialId = null;
    this.busy = null;
    takesChanges(this, () => void this.#list.load());
    takesIn(this, integrationChanged, () => void this.#list.load());
  }

  protected override willUpdate(): void {
    if (session.value) {
      this.#list.ask({ credential: this.credentialId });
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const findings = this.#list;
    if (findings.problem && findings.items.length === 0) {
      return problemBanner(findings.problem, () => void findings.load());
    }
    return findings.items.length === 0 ? nothing : html`<section class="key-section credential-findings" aria-labelledby=${this.#id}>
      <header class="section-head"><div><h2 id=${this.#id}>${t('credentials.findings')}</h2>${this.credentialId ? nothing : html`<p class="help">${t('credentials.findings.lead')}</p>`}</div></header>
      ${findings.header()}
      <div class="finding-group"><ul>${repeat(findings.items, (finding) => `${finding.credential.id} ${finding.reason}`, (finding) => this.#finding(finding))}</ul></div>
      ${findings.footer()}</section>`;
  }

  #finding(finding: Finding): TemplateResult {
    const reason = `credentials.finding.${finding.reason}`;
    return html`<li class="finding" data-reason=${finding.reason}>
      <div class="finding-key"><span class="finding-reason">${icon(ICONS[finding.reason] ?? 'review')}<strong>${isTextKey(reason) ? t(reason) : finding.reason}</strong></span>
        ${this.credentialId ? nothing : html`<a href="/credentials/${finding.credential.id}" translate="no">${finding.credential.name}</a>`}</div>
      <div class="finding-said"><p>${spoken(finding.detail)}</p><p class="help">${rich('review.advice', { advice: finding.action.description })}</p></div>
      <div class="finding-deeds">${finding.action.allowed ? deedsOf(finding).map((deed) => this.#deed(finding, deed)) : nothing}</div></li>`;
  }

  #deed(finding: Finding, deed: Deed): TemplateResult {
    const said = t(`credentials.mend.${deed}`);
    const name = `${finding.credential.id} ${finding.reason} ${deed}`;
    return html`<button type="button" class="button button-small" data-deed=${deed} aria-label=${t('review.doOf', { action: said, name: finding.credential.name })} aria-busy=${this.busy === name ? 'true' : 'false'}
      @click=${() => void this.#mend(finding, deed, name)}>${said}</button>`;
  }

  async #mend(finding: Finding, deed: Deed, name: string): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = name;
    try {
      await this.#do(finding, deed);
    } finally {
      this.busy = null;
    }
    await this.updateComplete;
    if (document.activeElement === document.body || document.activeElement === null) {
      // The button that had the focus is gone with its finding.
      this.closest('main')?.focus({ preventScroll: true });
    }
  }

  async #do(finding: Finding, deed: Deed): Promise<void> {
    if (deed === 'unbind') {
      await unbind(finding.credential, finding.action.path.split('/').pop()!);
      return;
    }
    const answer = await read(finding.credential.id);
    if (!answer.ok) {
      refused(answer.problem);
      return;
    }
    const credential = answer.value;
    const action = (names: readonly string[]): (() => Promise<void>) | undefined => actionsOf(credential).find((each) => names.includes(each.name))?.run;
    switch (deed) {
      case 'bind': return bind(credential);
      case 'delete': return action(['delete'])?.();
      // What a person has connected ends where he connects it again; else a secret is entered anew.
      case 'replace': return finding.reason === 'expiring-soon' ? (action(['reconnect', 'connect']) ?? (() => edit(credential)))() : edit(credential);
    }
  }
}

function deedsOf({ action }: Finding): Deed[] {
  return action.method === 'DELETE' ? ['bind', 'delete'] : action.path.includes('/integrations/') ? ['unbind'] : ['replace'];
}

define('lk-credential-findings', CredentialFindings);
