import { html, nothing, type TemplateResult } from 'lit';
import { api, type Answer } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define, takesIn } from '../elements/element.js';
import { Form } from '../elements/form.js';
import { FormDialog } from '../elements/form-dialog.js';
import { mergedHeaders, twiceIn } from '../elements/headers-field.js';
import { errorState, skeleton } from '../elements/states.js';
import { stores, wantStores } from '../frame/stores.js';
import { locale, t } from '../texts/texts.js';
import { credentialFields } from './credential-fields.js';
import { inLanguage, type Credential, type CredentialType, type TestResult } from './credential.js';
import { DraftTest } from './draft-test.js';
import { bodyOfNew, bodyOfTest, changes, draftOf, isMaterial, newDraft, type CredentialDraft } from './draft.js';
import { fieldName } from './field-names.js';
import './gallery.js';
import type { Chosen, ChosenEvent } from './gallery.js';
import { GENERIC, loadProvider, loadProviders, providerName, providers, type Provider } from './provider.js';

/** What is edited: a credential as it was read, and the ETag that says so. */
export interface Edited {
  readonly credential: Credential;
  readonly etag: string | null;
}

/**
 * Stores a credential, or edits one. A new one begins with its service, which decides what is asked for; it is tested as often as
 * one likes before it is saved, and once more when it is. What is red is saved only by who says so.
 */
export class CredentialDialog extends FormDialog<CredentialDraft, Credential> {
  static override properties = { chosen: { state: true }, provider: { state: true }, providerProblem: { state: true } };
  protected override readonly follows = [stores, providers];
  protected override readonly width = 'wide';
  protected override readonly form: Form<CredentialDraft>;
  /** null: the service is being chosen. */
  declare private chosen: Chosen | null;
  /** undefined: on its way. */
  declare private provider: Provider | null | undefined;
  declare private providerProblem: Problem | null;
  readonly #store: string | null;
  /** What was typed for services that one has turned away from. */
  readonly #left = new Map<string, CredentialDraft>();
  readonly #test: DraftTest;
  #edited: Edited | null;

  constructor(edited: Edited | null, store: string | null) {
    super();
    this.#edited = edited;
    this.#store = store;
    this.form = new Form<CredentialDraft>(this, edited ? draftOf(edited.credential) : newDraft(null, 'api_key', store));
    this.#test = new DraftTest(this, this.form);
    this.chosen = edited ? ofStored(edited.credential) : null;
    this.provider = undefined;
    this.providerProblem = null;
    takesIn(this, locale, () => this.chosen && void this.#load(this.chosen));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    wantStores();
    void loadProviders();
    if (this.chosen) {
      void this.#load(this.chosen).then(() => this.#focus());
    }
  }

  /** Where its entry had to be waited for, the first field was not there when it opened. */
  async #focus(): Promise<void> {
    await this.updateComplete;
    if (!document.activeElement?.matches('input, select, textarea')) {
      this.querySelector<HTMLElement>('[name=name]')?.focus();
    }
  }

  /** An entry that has gone: what is stored is edited without it. */
  async #load(chosen: Chosen): Promise<void> {
    this.providerProblem = null;
    if ('type' in chosen) {
      this.provider = null;
      return;
    }
    const answer = await loadProvider(chosen.provider);
    if (this.chosen !== chosen) {
      return;
    }
    if (answer.ok) {
      this.provider = answer.value;
    } else if (answer.problem.status === 404 && this.#edited) {
      this.provider = null;
    } else {
      this.providerProblem = answer.problem;
    }
  }

  #entry(): Provider | null | undefined {
    return this.provider;
  }

  async #choose(chosen: Chosen): Promise<void> {
    this.chosen = chosen;
    this.provider = undefined;
    await this.#load(chosen);
    const provider = this.#entry();
    if (this.chosen !== chosen || provider === undefined) {
      return;
    }
    const type: CredentialType = 'type' in chosen ? chosen.type : provider!.types[0]!.type;
    const fresh = newDraft(provider, type, this.#store);
    this.form.reset(fresh);
    const left = this.#left.get(idOf(chosen));
    if (left) {
      this.form.set('type' in chosen ? { ...left, type } : left);
    }
    this.#test.forget();
    await this.#focus();
  }

  #chooseAgain = (): void => {
    if (this.form.busy || this.#test.isRunning) {
      return;
    }
    if (this.chosen && this.form.isDirty) {
      this.#left.set(idOf(this.chosen), this.form.draft);
    }
    this.chosen = null;
    this.#test.forget();
    this.providerProblem = null;
    this.form.problem = null;
  };

  protected override heading(): string {
    return this.#edited ? t('credentials.form.edit.title') : this.chosen ? t('credentials.form.create.title') : t('credentials.gallery.title');
  }

  protected override subheading(): TemplateResult | string | typeof nothing {
    if (!this.chosen) {
      return t('credentials.gallery.lead');
    }
    const name = 'provider' in this.chosen ? html`<span translate="no">${providerName(this.chosen.provider)}</span>` : `${providerName(null)} · ${t(`credentials.type.${this.chosen.type}`)}`;
    return this.#edited ? html`<span translate="no">${this.#edited.credential.name}</span> · ${name}`
      : html`${name} · <button type="button" class="link-button" @click=${this.#chooseAgain}>${t('credentials.form.chooseAgain')}</button>`;
  }

  protected override verb(): string {
    return this.#edited ? t('credentials.form.edit.action') : t('credentials.form.create.action');
  }

  protected override working(): boolean {
    return super.working() || this.#test.isRunning;
  }

  protected override isDirty(): boolean {
    return super.isDirty() || this.#left.size > 0;
  }

  protected override fields(): TemplateResult {
    if (!this.chosen) {
      return html`<lk-provider-gallery @chosen=${(event: ChosenEvent) => void this.#choose(event.detail)}></lk-provider-gallery>`;
    }
    const { chosen } = this;
    if (this.providerProblem) {
      return errorState(this.providerProblem, () => void (this.#edited ? this.#load(chosen) : this.#choose(chosen)));
    }
    if (this.provider === undefined) {
      return skeleton(6);
    }
    return credentialFields(this.form, { provider: this.provider, stored: this.#edited?.credential ?? null });
  }

  get #isReady(): boolean {
    return this.chosen !== null && this.provider !== undefined;
  }

  #tried = async (): Promise<void> => {
    if (!this.#test.isRunning && !this.form.busy && this.#isReady) {
      await this.#test.run((draft) => this.#ask(draft));
    }
  };

  /** What is edited is tested with the secrets that stay; nothing is stored. */
  async #ask(draft: CredentialDraft): Promise<Answer<TestResult>> {
    const wrong = wrongIn(draft);
    if (wrong) {
      return { ok: false, problem: wrong };
    }
    const edited = this.#edited?.credential;
    return edited ? api.post<TestResult>(`/credentials/${edited.id}/test`, { name: draft.name.trim() || edited.name, ...changes(draftOf(edited), { ...draft, skipTest: false }, edited) }, { headers: inLanguage() })
      : api.post<TestResult>('/credentials/test', bodyOfTest(draft, this.#entry() ?? null), { headers: inLanguage() });
  }

  protected override async submit(): Promise<void> {
    if (!this.#isReady || this.#test.isRunning) {
      return;
    }
    const { draft } = this.form;
    let failed: TestResult | null = null;
    const done = await this.form.send(() => this.#send(draft), (problem) => {
      // It is the result that says what is wrong, and no field.
      failed = problem.code === 'test-failed' ? problem.body['test'] as TestResult : null;
      return failed !== null;
    });
    if (done) {
      this.close(done.value);
    } else if (failed) {
      await this.#test.show(failed, draft);
      this.querySelector<HTMLElement>('.dialog-result')?.focus();
    }
  }

  async #send(draft: CredentialDraft): Promise<Answer<Credential>> {
    const wrong = wrongIn(draft);
    if (wrong) {
      return { ok: false, problem: wrong };
    }
    if (!this.#edited) {
      return this.form.submission.post<Credential>('/credentials', bodyOfNew(draft, this.#entry() ?? null), { headers: inLanguage() });
    }
    const { credential, etag } = this.#edited;
    const patch = changes(draftOf(credential), draft, credential);
    return Object.keys(patch).length === 0 ? { ok: true, value: credential, status: 200, etag, effectiveBy: null }
      : api.patch<Credential>(`/credentials/${credential.id}`, patch, { ifMatch: etag, headers: inLanguage() });
  }

  protected override async reload(): Promise<void> {
    const { id } = this.#edited!.credential;
    this.bringTogether(await api.get<Credential>(`/credentials/${id}`, {}, { headers: inLanguage() }), ({ value: credential, etag }) => {
      this.#edited = { credential, etag };
      return this.form.rebase(draftOf(credential), [], { headers: mergedHeaders }).map((name) => fieldName(name, this.provider ?? null));
    });
  }

  protected override actions(): TemplateResult {
    if (!this.chosen) {
      return html`<button type="button" class="button" @click=${() => void this.dismiss()}>${t('elements.cancel')}</button>`;
    }
    const testing = this.#test.isRunning;
    const busy = this.form.busy || testing;
    return html`<div class="dialog-result" role="status" tabindex="-1">${this.#result()}</div>
      <button type="button" class="button button-start" aria-busy=${testing ? 'true' : 'false'} aria-disabled=${busy ? 'true' : nothing} @click=${this.#tried}>
        ${testing ? t('credentials.test.busy') : t('credentials.test.action')}</button>
      <button type="button" class="button" aria-disabled=${busy ? 'true' : nothing} @click=${() => void this.dismiss()}>${t('elements.cancel')}</button>
      <button type="submit" class="button button-primary" aria-busy=${this.form.busy ? 'true' : 'false'} aria-disabled=${busy ? 'true' : nothing}>
        ${this.form.busy ? t('credentials.form.busy') : this.form.draft.skipTest ? t('credentials.form.untested') : this.verb()}</button>`;
  }

  #result(): TemplateResult | typeof nothing {
    if (this.#test.hasShown) {
      return this.#test.result(this.#edited !== null);
    }
    const edited = this.#edited?.credential;
    return edited && this.#isReady && isMaterial(changes(draftOf(edited), this.form.draft, edited)) ? html`<p class="help">${t('credentials.form.testedFirst')}</p>` : nothing;
  }
}

/** What no request can say, and the API therefore not refuse. */
function wrongIn(draft: CredentialDraft): Problem | null {
  return draft.type === 'custom_headers' ? twiceIn('data.headers', draft.headers) : null;
}

function ofStored(credential: Credential): Chosen {
  return credential.provider === null || credential.provider === GENERIC ? { type: credential.type } : { provider: credential.provider };
}

/** Of services that are not known, all types are one: what is typed is kept when another is chosen. */
function idOf(chosen: Chosen): string {
  return 'provider' in chosen ? chosen.provider : '';
}

define('lk-credential-dialog', CredentialDialog);
