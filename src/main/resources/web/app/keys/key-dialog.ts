import { html, nothing, type TemplateResult } from 'lit';
import { api, type Answer } from '../api/client.js';
import { isStale, type Problem } from '../api/problem.js';
import type { Organization } from '../api/types.js';
import { FormDialog } from '../elements/form-dialog.js';
import { define, takesIn } from '../elements/element.js';
import { Form } from '../elements/form.js';
import { formSection } from '../elements/form-section.js';
import { limitInputs } from '../elements/span.js';
import { problemBanner, skeleton } from '../elements/states.js';
import '../elements/tick-groups.js';
import type { ChosenEvent, TickGroup } from '../elements/tick-groups.js';
import { storeTicks } from '../frame/store-ticks.js';
import { stores, storesProblem, wantStores } from '../frame/stores.js';
import { locale, t } from '../texts/texts.js';
import { loadCatalog, methodGroups, scopeGroups, type Catalog } from './catalog.js';
import { bodyOfNew, changes, draftOf, networks, newDraft, partOf, patterns, sorted, type Field, type KeyDraft } from './draft.js';
import { expiryField } from './expiry.js';
import { clashesOf, clashPanel, type Clash } from './clash.js';
import { limitText, type Key } from './key.js';

/** What is edited: a key as it was read, and the ETag that says so. */
export interface Edited {
  readonly key: Key;
  readonly etag: string | null;
}

/**
 * Creates a key, or edits one. Everything that is decided about a key stands in one form; it is sent whole at creation, and as
 * the fields that were changed at an edit. Changed by somebody else meanwhile, it shows what, takes over what was not touched
 * here, and lets the person decide about the rest.
 */
export class KeyDialog extends FormDialog<KeyDraft, Key> {
  static override properties = { catalog: { state: true }, catalogProblem: { state: true }, organization: { state: true }, clashes: { state: true } };
  protected override readonly follows = [stores, storesProblem];
  protected override readonly width = 'wide';
  protected readonly form: Form<KeyDraft>;
  declare private catalog: Catalog | null;
  declare private catalogProblem: Problem | null;
  declare private organization: Organization | null;
  declare private clashes: readonly Clash[] | null;
  #edited: Edited | null;

  constructor(edited: Edited | null, store: string | null) {
    super();
    this.#edited = edited;
    this.form = new Form<KeyDraft>(this, edited ? draftOf(edited.key, null) : newDraft(store));
    this.catalog = null;
    this.catalogProblem = null;
    this.organization = null;
    this.clashes = null;
    takesIn(this, locale, () => void this.#load());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    wantStores();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.catalogProblem = null;
    const [catalog, organization] = await Promise.all([loadCatalog(), api.get<Organization>('/organization')]);
    // What it lacks is left out: the API says what is not allowed.
    this.organization = organization.ok ? organization.value : null;
    if (!catalog.ok) {
      this.catalogProblem = catalog.problem;
      return;
    }
    if (this.#edited && !this.catalog) {
      // Now that patterns can be told from ticks. What was typed meanwhile stays.
      const fresh = draftOf(this.#edited.key, catalog.value);
      const typed = this.form.isDirty ? this.form.draft : null;
      this.form.reset(fresh);
      if (typed) {
        this.form.set({ ...typed, ...sorted(typed, catalog.value) });
      }
    }
    this.catalog = catalog.value;
  }

  protected override heading(): string {
    return this.#edited ? t('keys.form.edit.title') : t('keys.form.create.title');
  }

  protected override subheading(): string | typeof nothing {
    return this.#edited ? this.#edited.key.name : nothing;
  }

  protected override verb(): string {
    return this.#edited ? t('keys.form.edit.action') : t('keys.form.create.action');
  }

  protected override async submit(): Promise<void> {
    const done = await this.form.send(() => (this.#edited ? this.#edit(this.#edited) : this.form.submission.post<Key>('/keys', bodyOfNew(this.form.draft))));
    if (done) {
      this.close(done.value);
    } else if (this.#edited && this.form.problem && isStale(this.form.problem)) {
      await this.#compare(this.#edited);
    }
  }

  async #edit({ key, etag }: Edited): Promise<Answer<Key>> {
    const patch = changes(draftOf(key, this.catalog), this.form.draft);
    return Object.keys(patch).length === 0
      ? { ok: true, value: key, status: 200, etag, effectiveBy: null }
      : api.patch<Key>(`/keys/${key.id}`, patch, { ifMatch: etag });
  }

  /** What the other one changed is taken over where nothing was typed here; where both did, the person decides. */
  async #compare(before: Edited): Promise<void> {
    const answer = await api.get<Key>(`/keys/${before.key.id}`);
    if (!answer.ok) {
      this.form.problem = answer.problem;
      this.requestUpdate();
      return;
    }
    const base = draftOf(before.key, this.catalog);
    const theirs = draftOf(answer.value, this.catalog);
    const mine = this.form.draft;
    const own = Object.keys(changes(base, mine)) as Field[];
    this.clashes = clashesOf(before.key, answer.value, base, mine, theirs, this.catalog);
    this.#edited = { key: answer.value, etag: answer.etag };
    this.form.reset(theirs);
    this.form.set(Object.assign({}, ...own.map((field) => partOf(mine, field))) as Partial<KeyDraft>);
    await this.updateComplete;
    this.querySelector<HTMLElement>('.clash')?.focus();
  }

  protected override fields(): TemplateResult {
    const { form } = this;
    const sections = [this.#purpose(), this.#abilities(), this.#reach(), this.#limits(), this.#kind()];
    return html`
      ${this.clashes ? clashPanel(this.clashes, (clash, taken) => {
        form.set(partOf(taken === 'theirs' ? clash.theirs : clash.mine, clash.field));
        this.clashes = this.clashes!.map((each) => (each === clash ? { ...each, taken } : each));
      }) : nothing}
      ${sections}`;
  }

  #purpose(): TemplateResult {
    const { form } = this;
    return formSection(t('keys.form.purpose.title'), t('keys.form.purpose.lead'), html`
      ${form.text('name', { label: t('keys.form.name'), required: true, autofocus: true, placeholder: t('keys.form.namePlaceholder') })}
      ${form.area('description', { label: t('keys.form.description'), optional: true, rows: 2 })}
      ${this.#edited ? nothing : form.choice('environment', {
        label: t('keys.form.environment'),
        options: (['live', 'test'] as const).map((value) => ({ value, label: t(`keys.environment.${value}`), help: t(`keys.environment.${value}Help`) })),
      })}`);
  }

  #abilities(): TemplateResult {
    const { form } = this;
    const { draft } = form;
    return formSection(t('keys.form.abilities.title'), t('keys.form.abilities.lead'), html`
      ${form.field({
        name: 'scopes', label: t('keys.form.scopes'), help: t('keys.form.scopesHelp'), group: true, entries: draft.scopes,
        control: ({ describedBy }) => this.#ticks(t('keys.form.scopes'), describedBy, scopeGroups, draft.scopes, (scopes) => form.set({ scopes })),
      })}
      ${form.choice('operations', {
        label: t('keys.form.operations'),
        options: (['all', 'chosen'] as const).map((value) => ({ value, label: t(`keys.form.operations.${value}`), help: t(`keys.form.operations.${value}Help`) })),
      })}
      ${draft.operations === 'chosen' ? html`<div class="form-nested">${form.field({
        name: 'methods', label: t('keys.form.methods'), group: true, entries: patterns(draft),
        control: ({ describedBy }) => this.#ticks(t('keys.form.methods'), describedBy, methodGroups, draft.methods, (methods) => form.set({ methods })),
      })}
      ${form.area('otherMethods', { label: t('keys.form.otherMethods'), optional: true, mono: true, rows: 2, help: t('keys.form.otherMethodsHelp'), placeholder: 'GET /api/v*/orders/statuses' })}
      </div>` : nothing}`);
  }

  #ticks(label: string, describedBy: unknown, groups: (catalog: Catalog) => TickGroup[], chosen: readonly string[],
      choose: (chosen: readonly string[]) => void): TemplateResult {
    if (this.catalogProblem) {
      return problemBanner(this.catalogProblem, () => void this.#load());
    }
    return this.catalog
      ? html`<lk-tick-groups .label=${label} .describedBy=${typeof describedBy === 'string' ? describedBy : ''} .groups=${groups(this.catalog)} .chosen=${chosen}
          @change=${(event: ChosenEvent) => choose(event.detail)}></lk-tick-groups>`
      : skeleton(4);
  }

  #reach(): TemplateResult {
    const { form } = this;
    const { draft } = form;
    return formSection(t('keys.form.reach.title'), t('keys.form.reach.lead'), html`
      ${form.choice('reach', {
        label: t('keys.form.reach'),
        options: [{ value: 'all', label: t('keys.access.all'), help: t('keys.form.reach.allHelp') },
          { value: 'stores', label: t('keys.access.stores'), help: t('keys.form.reach.storesHelp') }],
      })}
      ${draft.reach === 'stores' ? html`<div class="form-nested">${form.field({
        name: 'access', label: t('keys.form.stores'), group: true, entries: draft.stores,
        control: ({ describedBy }) => storeTicks({
          label: t('keys.form.stores'), describedBy, chosen: draft.stores, choose: (chosen) => form.set({ stores: chosen }), none: t('keys.form.noStores'),
        }),
      })}</div>` : nothing}`);
  }

  #limits(): TemplateResult {
    const { form } = this;
    const { draft } = form;
    const standard = this.organization ? limitText(this.organization.defaults.rateLimit) : null;
    return formSection(t('keys.form.limits.title'), t('keys.form.limits.lead'), html`
      ${expiryField(form)}
      ${form.choice('limit', {
        label: t('keys.form.rateLimit'),
        options: [
          { value: 'default', label: t('keys.limit.default'), help: standard ? t('keys.limit.defaultIs', { limit: standard }) : undefined },
          { value: 'unlimited', label: t('keys.limit.unlimited'), help: t('keys.limit.unlimitedHelp') },
          { value: 'own', label: t('keys.limit.own') },
        ],
      })}
      ${draft.limit === 'own' ? html`<div class="form-nested">${form.field({
        name: 'rateLimit', label: t('keys.limit.of'), group: true,
        control: (tied) => limitInputs(form, tied),
      })}</div>` : nothing}
      ${form.field({
        name: 'ipAllowList', label: t('keys.form.networks'), optional: true, help: t('keys.form.networksHelp'), entries: networks(draft),
        control: ({ id, describedBy, invalid }) => html`<textarea class="input mono" id=${id} name="networks" rows="2" spellcheck="false" placeholder="203.0.113.0/24"
          aria-describedby=${describedBy} aria-invalid=${invalid} .value=${draft.networks}
          @input=${(event: Event) => form.set({ networks: (event.target as HTMLTextAreaElement).value })}></textarea>`,
      })}`);
  }

  #kind(): TemplateResult {
    const { form } = this;
    const recoverable = this.organization?.recoverableKeys ?? false;
    return formSection(t('keys.form.kind.title'), this.#edited ? t('keys.form.kind.leadEdit') : t('keys.form.kind.lead'), html`
      ${this.#edited ? nothing : html`
        ${form.choice('pair', {
          label: t('keys.form.pair'),
          options: (['key', 'pair'] as const).map((value) => ({ value, label: t(`keys.form.pair.${value}`), help: t(`keys.form.pair.${value}Help`) })),
        })}
        ${recoverable ? form.toggle('recoverable', { label: t('keys.form.recoverable'), help: t('keys.form.recoverableHelp') }) : nothing}`}
      ${form.toggle('active', { label: t('keys.form.active'), help: t('keys.form.activeHelp') })}`);
  }
}

define('lk-key-dialog', KeyDialog);
