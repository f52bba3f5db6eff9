import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../api/problem.js';
import { define, PanelElement } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { emptyState, errorState, problemBanner, skeleton } from '../elements/states.js';
import { atTime, timeAgo, timeAgoInText } from '../elements/values.js';
import { addressOf } from '../frame/addresses.js';
import { pages } from '../frame/pages.js';
import { go, place, setQuery } from '../frame/router.js';
import { may, session } from '../frame/session.js';
import { currentStore, stores } from '../frame/stores.js';
import { subject } from '../frame/subject.js';
import { dateTime } from '../texts/format.js';
import { locale, rich, t } from '../texts/texts.js';
import { actionsOf, read, takesChanges, working, type Change, type CredentialAction } from './actions.js';
import './credential-activity.js';
import { credentialFacts } from './credential-facts.js';
import './credential-findings.js';
import './credential-integrations.js';
import './credential-menu.js';
import { renewalError, statusTag, wasConnected, type Credential } from './credential.js';
import { outcomeBanner, outcomeOf, type Outcome } from './outcome.js';
import { GENERIC, loadProvider, loadProviders, providerName, providers, type Provider } from './provider.js';
import { standing } from './test-result.js';

/** All there is to know about one credential, what to do next, and who may use it. */
class CredentialPage extends PanelElement {
  static override properties = { credentialId: { attribute: false }, of: { state: true }, problem: { state: true }, provider: { state: true }, outcome: { state: true }, untold: { state: true } };
  protected override readonly follows = [session, stores, currentStore, providers, working, place];
  declare credentialId: string;
  declare private of: Credential | null;
  declare private problem: Problem | null;
  /** Its entry, where it has one and that could be read. */
  declare private provider: Provider | null;
  /** How it ended, of who comes back from the provider. */
  declare private outcome: Outcome | null;
  /** Why that could not be read. */
  declare private untold: Problem | null;
  #asked = '';
  /** The outcome has not been brought to the person's notice. */
  #unseen = false;

  constructor() {
    super();
    this.of = null;
    this.problem = null;
    this.provider = null;
    this.outcome = null;
    this.untold = null;
    takesChanges(this, (change) => this.#take(change));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void loadProviders();
  }

  #take(change: Change): void {
    if (change.kind === 'changed' && change.credential.id === this.credentialId) {
      this.of = change.credential;
      // What was said of how it ended is of before.
      this.outcome = null;
      this.untold = null;
    } else if (change.kind === 'deleted' && change.id === this.credentialId) {
      void go(this.#list(), 'replace');
    }
  }

  /** Where one comes from: the list of the store that one works in, or of all. */
  #list(): string {
    return addressOf(pages.find((page) => page.name === 'credentials')!);
  }

  protected override willUpdate(): void {
    const asked = `${this.credentialId} ${locale.value}`;
    if (asked !== this.#asked) {
      if (!this.#asked.startsWith(`${this.credentialId} `)) {
        this.of = null;
        this.provider = null;
        this.outcome = null;
        this.untold = null;
      }
      this.#asked = asked;
      void this.#load();
    }
    if (this.isConnected) {
      subject.value = this.of?.name ?? null;
      if (place.value.query.get('from') === 'provider') {
        void this.#returned();
      }
    }
  }

  async #load(): Promise<void> {
    const asked = this.#asked;
    this.problem = null;
    const answer = await read(this.credentialId);
    if (asked !== this.#asked) {
      return;
    }
    this.problem = answer.ok ? null : answer.problem;
    if (!answer.ok) {
      return;
    }
    this.of = answer.value;
    const { provider } = answer.value;
    if (provider && provider !== GENERIC) {
      const entry = await loadProvider(provider);
      if (asked === this.#asked) {
        this.provider = entry.ok ? entry.value : null;
      }
    }
  }

  /** Told once: who loads the page again knows it. */
  async #returned(): Promise<void> {
    // Not while this renders.
    await Promise.resolve();
    setQuery({ from: null });
    await this.#tell();
  }

  async #tell(): Promise<void> {
    const id = this.credentialId;
    const answer = await outcomeOf(id);
    if (id !== this.credentialId) {
      return;
    }
    this.untold = answer.ok ? null : answer.problem;
    this.outcome = answer.ok ? answer.value : null;
    this.#unseen = this.outcome !== null;
  }

  /** It may be known before the credential is, below which it stands. */
  protected override updated(): void {
    const banner = this.#unseen ? this.querySelector<HTMLElement>('.outcome') : null;
    if (banner) {
      this.#unseen = false;
      banner.focus();
    }
  }

  protected override render(): TemplateResult {
    const { of: credential, problem } = this;
    if (problem?.status === 404) {
      return emptyState({
        page: true, icon: 'search', title: t('credentials.page.gone'), body: t('credentials.page.goneBody'),
        action: html`<a class="button button-primary" href=${this.#list()}>${t('credentials.page.toList')}</a>`,
      });
    }
    if (problem && !credential) {
      return errorState(problem, () => void this.#load(), true);
    }
    return html`<div class="page page-wide">
      <a class="back-link" href=${this.#list()}>${icon('left')}${t('frame.pages.credentials')}</a>
      ${credential ? this.#content(credential) : html`<header class="page-head"><h1>${t('frame.pages.credential')}</h1></header>${skeleton(8)}`}
    </div>`;
  }

  #content(credential: Credential): TemplateResult {
    return html`
      <header class="page-head">
        <div><h1 translate="no">${credential.name}</h1>
          <div class="key-head">${statusTag(credential.status)}<span class="key-line"><span translate=${credential.provider ? 'no' : nothing}>${providerName(credential.provider)}</span> · ${t(`credentials.type.${credential.type}`)}</span></div></div>
        ${this.#actions(credential)}
      </header>
      ${this.problem ? problemBanner(this.problem, () => void this.#load()) : nothing}
      ${this.untold ? problemBanner(this.untold, () => void this.#tell()) : nothing}
      ${this.outcome ? outcomeBanner(this.outcome, wasConnected(credential), () => { this.outcome = null; this.closest('main')?.focus({ preventScroll: true }); }) : nothing}
      <div class="key-page credential-page">
        <div class="key-sections">
          ${this.#standing(credential)}
          ${renewal(credential)}
          <lk-credential-findings .credentialId=${credential.id}></lk-credential-findings>
          <lk-credential-integrations .of=${credential}></lk-credential-integrations>
          ${may('activity:read') ? html`<lk-credential-activity .targetId=${credential.id}></lk-credential-activity>` : nothing}
        </div>
        <section class="card" aria-label=${t('credentials.facts')}>${credentialFacts(credential, this.provider)}</section>
      </div>`;
  }

  /** The one that is wanted most in sight and marked, all of them behind the dots. */
  #actions(credential: Credential): TemplateResult | typeof nothing {
    const actions = actionsOf(credential);
    const wanted = nextOf(credential);
    const first = wanted.map((name) => actions.find((action) => action.name === name)?.name).find((name) => name !== undefined) ?? null;
    const shown = [...new Set([first, 'test' as const, 'edit' as const])].map((name) => actions.find((action) => action.name === name)).filter((action): action is CredentialAction => action !== undefined);
    const busy = working.value.has(credential.id);
    return actions.length === 0 ? nothing : html`<div class="page-actions">${shown.map((action) => html`<button type="button" class="button ${action.name === first ? 'button-primary' : ''}"
      aria-busy=${busy && action.name === 'test' ? 'true' : 'false'} aria-disabled=${busy && action.name === 'test' ? 'true' : nothing} @click=${() => void action.run()}>
      ${icon(action.name === 'test' ? 'refresh' : action.icon)}${t(`credentials.actions.${action.name}`)}</button>`)}<lk-credential-menu .of=${credential}></lk-credential-menu></div>`;
  }

  #standing(credential: Credential): TemplateResult {
    return html`<section class="key-section" aria-labelledby="credential-status"><header class="section-head"><h2 id="credential-status">${t('credentials.columns.status')}</h2></header>
      <div class="card card-standing" aria-busy=${working.value.has(credential.id) ? 'true' : 'false'}>${standing(credential, html`<p class="key-note">${credential.httpStatus === null ? nothing : html`HTTP ${credential.httpStatus} · `}${
        credential.checkedAt ? rich('credentials.page.checked', { when: timeAgoInText(credential.checkedAt) }) : t('credentials.page.unchecked')}</p>`)}</div></section>`;
  }
}

/** What is to be done first as it stands: the first of these that can be. */
function nextOf({ reason }: Credential): CredentialAction['name'][] {
  switch (reason) {
    case 'not-connected':
    case 'reauthorization-required': return ['connect', 'reconnect', 'edit'];
    case 'invalid':
    case 'misconfigured': return ['edit'];
    default: return [];
  }
}

/** When its token is renewed, and what keeps it from that. */
function renewal({ renewal: of, expiresAt, lastRenewedAt, type }: Credential): TemplateResult | typeof nothing {
  if (type !== 'oauth2') {
    return expiresAt ? html`<section class="key-section" aria-labelledby="credential-renewal"><header class="section-head"><h2 id="credential-renewal">${t('credentials.renewal')}</h2></header>
      <dl class="card stats stats-small">${stat('credentials.renewal.ends', atTime(expiresAt))}</dl></section>` : nothing;
  }
  return html`<section class="key-section" aria-labelledby="credential-renewal"><header class="section-head"><h2 id="credential-renewal">${t('credentials.renewal')}</h2></header>
    <div class="card renewal">
      ${of?.failingSince ? html`<div class="banner banner-warning">${icon('warning')}<div class="banner-text"><strong>${t('credentials.renewal.failing', { when: dateTime(of.failingSince), attempts: of.attempts })}</strong>
        ${of.error ? html`<p>${renewalError(of.error)}</p>` : nothing}</div></div>` : nothing}
      <dl class="stats stats-small">
        ${stat('credentials.renewal.next', of?.nextAttemptAt ? timeAgo(of.nextAttemptAt) : html`<span class="muted">${t('credentials.renewal.nothing')}</span>`)}
        ${stat('credentials.renewal.ends', expiresAt ? timeAgo(expiresAt) : html`<span class="muted">–</span>`)}
        ${stat('credentials.renewal.last', timeAgo(lastRenewedAt))}</dl></div></section>`;
}

function stat(name: 'credentials.renewal.next' | 'credentials.renewal.ends' | 'credentials.renewal.last', value: TemplateResult): TemplateResult {
  return html`<div><dt>${t(name)}</dt><dd>${value}</dd></div>`;
}

define('lk-credential-page', CredentialPage);
