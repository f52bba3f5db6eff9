import { html, nothing, type TemplateResult } from 'lit';
import { api, type Answer } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { define } from '../elements/element.js';
import { Form } from '../elements/form.js';
import { FormDialog } from '../elements/form-dialog.js';
import { icon } from '../elements/icon.js';
import { note, problemBanner, skeleton, staleText } from '../elements/states.js';
import { mergedTicks, type ChosenEvent, type SearchedEvent, type TickGroup } from '../elements/tick-groups.js';
import { storeName, type Key } from '../keys/key.js';
import { t, type TextKey } from '../texts/texts.js';
import { BindableKeys } from './bindable-keys.js';
import type { Credential } from './credential.js';
import { grant, mayGrant } from './grant.js';
import { mayUse, type Integration } from './integration.js';

const NEW = '';

interface BindDraft {
  /** The id of an integration; empty: a new one. */
  readonly to: string;
  readonly name: string;
  readonly kind: string;
  readonly keyIds: readonly string[];
}

/** An integration that names the credential already, and the ETag of how it was read. */
export interface Bound {
  readonly integration: Integration;
  readonly etag: string | null;
}

const LABELS: Readonly<Record<keyof BindDraft, TextKey>> = {
  to: 'credentials.bind.to', name: 'credentials.bind.name', kind: 'credentials.bind.kind', keyIds: 'credentials.bind.keys',
};

/** Lets keys use a credential: by an integration of its own, or by one that there is. */
export class BindDialog extends FormDialog<BindDraft, Integration> {
  static override properties = { others: { state: true }, unread: { state: true } };
  protected override readonly form: Form<BindDraft>;
  readonly #keys = new BindableKeys(this);
  /** Integrations that do not name it. */
  declare private others: readonly Integration[] | null;
  /** Why they could not be read. */
  declare private unread: Problem | null;
  #bound: Bound | null;
  /** The one that was chosen, as it stands. */
  #into: Bound | null = null;
  /** Keys that nobody has chosen here: they came with it, and go when another one is chosen. */
  #along: readonly string[] = [];

  constructor(private readonly credential: Credential, bound: Bound | null) {
    super();
    this.#bound = bound;
    this.form = new Form<BindDraft>(this, bound ? draftOf(bound.integration) : { to: NEW, name: credential.name, kind: '', keyIds: [] });
    this.others = null;
    this.unread = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.unread = null;
    await Promise.all([this.#keys.load(this.form.draft.keyIds), this.#loadOthers()]);
  }

  async #loadOthers(): Promise<void> {
    if (this.#bound) {
      this.others = [];
      return;
    }
    const answer = await api.all<Integration>('/integrations');
    if (answer.ok) {
      this.others = answer.value.filter((integration) => !integration.credentialIds.includes(this.credential.id));
    } else {
      this.unread = answer.problem;
    }
  }

  protected override heading(): string {
    return t(this.#bound ? 'credentials.bind.titleEdit' : 'credentials.bind.title');
  }

  protected override subheading(): string {
    return this.#bound ? this.#bound.integration.name : this.credential.name;
  }

  protected override verb(): string {
    return t(this.#bound ? 'elements.save' : 'credentials.bind.action');
  }

  protected override fields(): TemplateResult {
    const problem = this.#keys.problem ?? this.unread;
    if (problem) {
      return problemBanner(problem, () => void this.#load());
    }
    const { form, others } = this;
    const { all: keys } = this.#keys;
    if (!keys || !others) {
      return skeleton(4);
    }
    const chosen = form.draft.to === NEW || this.#bound ? undefined : others.find((integration) => integration.id === form.draft.to);
    return html`${others.length > 0 ? form.field({
        name: 'to', label: t('credentials.bind.to'), help: t('credentials.bind.toHelp'),
        control: ({ id, describedBy }) => html`<select class="input" id=${id} name="to" aria-describedby=${describedBy} @change=${(event: Event) => void this.#choose((event.target as HTMLSelectElement).value)}>
          <option value=${NEW} .selected=${form.draft.to === NEW}>${t('credentials.bind.new')}</option>
          ${others.map((integration) => html`<option value=${integration.id} .selected=${integration.id === form.draft.to}>${integration.name}</option>`)}</select>`,
      }) : nothing}
      ${chosen ? nothing : html`
        ${form.text('name', { label: t('credentials.bind.name'), required: true, autofocus: true, help: t('credentials.bind.nameHelp') })}
        ${this.#kind()}`}
      ${chosen && chosen.credentialIds.length > 0 ? note('warning', t('credentials.bind.others', { count: chosen.credentialIds.length })) : nothing}
      ${this.#ticks(this.#shown(keys))}${this.#lacking(keys)}`;
  }

  /** What is final cannot use anything; what is bound stays in sight, whatever became of it. */
  #shown(keys: readonly Key[]): Key[] {
    const bound = (this.#bound ?? this.#into)?.integration.keyIds ?? [];
    return keys.filter((key) => key.status === 'active' || bound.includes(key.id) || this.form.draft.keyIds.includes(key.id));
  }

  #kind(): TemplateResult {
    const { form } = this;
    return form.field({
      name: 'kind', label: t('credentials.bind.kind'), optional: true, help: t('credentials.bind.kindHelp'),
      control: ({ id, describedBy, invalid }) => html`<input class="input" id=${id} name="kind" list="${id}-list" autocomplete="off" aria-describedby=${describedBy} aria-invalid=${invalid}
        .value=${form.draft.kind} @input=${(event: Event) => form.set({ kind: (event.target as HTMLInputElement).value })}>
        <datalist id="${id}-list">${t('credentials.bind.kinds').split(', ').map((kind) => html`<option value=${kind}></option>`)}</datalist>`,
    });
  }

  async #choose(to: string): Promise<void> {
    this.#into = null;
    this.form.problem = null;
    this.form.set({ to, keyIds: this.form.draft.keyIds.filter((id) => !this.#along.includes(id)) });
    this.#along = [];
    if (to !== NEW) {
      await this.#readInto(to);
    }
  }

  /** Its own keys come along: they may use the credential, too. Read again, only what has changed since comes and goes. */
  async #readInto(to: string): Promise<void> {
    const answer = await api.get<Integration>(`/integrations/${to}`);
    if (this.form.draft.to !== to) {
      return;
    }
    if (answer.ok) {
      const { keyIds } = answer.value;
      const before = this.#into?.integration.keyIds ?? [];
      const chosen = this.form.draft.keyIds.filter((id) => !this.#along.includes(id) || keyIds.includes(id));
      const added = keyIds.filter((id) => !before.includes(id) && !chosen.includes(id));
      this.#into = { integration: answer.value, etag: answer.etag };
      this.#along = [...this.#along.filter((id) => chosen.includes(id)), ...added];
      this.form.problem = null;
      this.form.set({ keyIds: [...chosen, ...added] });
      await this.#keys.include(added);
    } else {
      this.form.problem = answer.problem;
      this.requestUpdate();
    }
  }

  #ticks(keys: readonly Key[]): TemplateResult {
    const { form } = this;
    const { cut, searching, unfound } = this.#keys;
    const groups: TickGroup[] = [{ name: 'keys', label: t('frame.pages.keys'), ticks: keys.map((key) => ({ value: key.id, label: key.name, detail: this.#about(key) })) }];
    return form.field({
      name: 'keyIds', label: t('credentials.bind.keys'), help: t('credentials.bind.keysHelp'), group: true, entries: form.draft.keyIds.map((id) => keys.find((key) => key.id === id)?.name ?? id),
      control: ({ describedBy }) => (keys.length === 0 ? note('info', t('credentials.bind.noKeys'))
        : html`${cut ? note('info', t('credentials.bind.cut', { count: keys.length })) : nothing}${unfound ? problemBanner(unfound) : nothing}
          <lk-tick-groups all-open ?searching=${searching} @find=${(event: SearchedEvent) => this.#keys.find(event.detail)} .label=${t('credentials.bind.keys')} .describedBy=${typeof describedBy === 'string' ? describedBy : ''} .groups=${groups} .chosen=${form.draft.keyIds}
            @change=${(event: ChosenEvent) => form.set({ keyIds: event.detail })}></lk-tick-groups>`),
    });
  }

  /** Of those that are chosen, which cannot use it yet; whoever may gives them what they lack, here and now. */
  #lacking(keys: readonly Key[]): TemplateResult | typeof nothing {
    const lacking = keys.filter((key) => this.form.draft.keyIds.includes(key.id) && !mayUse(key));
    return lacking.length === 0 ? nothing : html`<div class="lacking" role="status">${lacking.map((key) => html`<div class="banner banner-warning" data-lacks=${key.id}>${icon('warning')}
      <div class="banner-text"><p>${t('credentials.grant.lacks', { name: key.name })}</p></div>
      ${mayGrant(key) ? html`<button type="button" class="button button-small" aria-label=${t('credentials.grant.of', { name: key.name })} @click=${() => void this.#grant(key)}>${t('credentials.grant.action')}</button>` : nothing}</div>`)}</div>`;
  }

  async #grant(key: Key): Promise<void> {
    const given = await grant(key);
    if (given) {
      this.#keys.replace(given);
      await this.updateComplete;
      // The button that had the focus is gone with what it mended.
      this.querySelector<HTMLElement>('.lacking button, [type=submit]')?.focus();
    }
  }

  /** How it is recognized, and what keeps it from using the credential. */
  #about(key: Key): string {
    const { store } = this.credential;
    const reaches = !store || key.access.type === 'all' || (key.access.stores ?? []).some((each) => each.id === store.id);
    return [`${key.start}…`, mayUse(key) ? '' : t('credentials.bind.lacksScope'), reaches || !store ? '' : t('credentials.bind.lacksStore', { store: storeName(store) })].filter(Boolean).join(' · ');
  }

  protected override async submit(): Promise<void> {
    const { to } = this.form.draft;
    if (!this.#keys.all || !this.others) {
      return;
    }
    if (!this.#bound && to !== NEW && !this.#into) {
      await this.#readInto(to);
      return;
    }
    const done = await this.form.send(() => this.#send());
    if (done) {
      this.close(done.value);
    }
  }

  #send(): Promise<Answer<Integration>> {
    const { name, kind, keyIds } = this.form.draft;
    if (this.#bound) {
      const { integration, etag } = this.#bound;
      return api.patch<Integration>(`/integrations/${integration.id}`, { name: name.trim(), kind: kind.trim() || null, keyIds }, { ifMatch: etag });
    }
    const into = this.#into;
    return into
      ? api.patch<Integration>(`/integrations/${into.integration.id}`, { keyIds, credentialIds: [...into.integration.credentialIds, this.credential.id] }, { ifMatch: into.etag })
      : this.form.submission.post<Integration>('/integrations', { name: name.trim(), ...(kind.trim() ? { kind: kind.trim() } : {}), keyIds, credentialIds: [this.credential.id] });
  }

  protected override async reload(): Promise<void> {
    if (!this.#bound) {
      this.told = staleText([]);
      await this.#readInto(this.form.draft.to);
      return;
    }
    const answer = await api.get<Integration>(`/integrations/${this.#bound.integration.id}`);
    if (answer.ok) {
      await this.#keys.include(answer.value.keyIds);
    }
    this.bringTogether(answer, ({ value: integration, etag }) => {
      this.#bound = { integration, etag };
      return this.form.rebase(draftOf(integration), [], { keyIds: mergedTicks }).map((field) => t(LABELS[field]));
    });
  }
}

function draftOf(integration: Integration): BindDraft {
  return { to: integration.id, name: integration.name, kind: integration.kind ?? '', keyIds: integration.keyIds };
}

define('lk-bind-dialog', BindDialog);
