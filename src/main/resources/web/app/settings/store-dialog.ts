import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import type { Store } from '../api/types.js';
import { define, uniqueId } from '../elements/element.js';
import { Form } from '../elements/form.js';
import { FormDialog } from '../elements/form-dialog.js';
import { note } from '../elements/states.js';
import { platformName, stores } from '../frame/stores.js';
import { rich, t, type TextKey } from '../texts/texts.js';

interface Draft {
  name: string;
  key: string;
  url: string;
  platform: string;
}

const SUGGESTED = ['shopify', 'woocommerce', 'magento', 'prestashop', 'bigcommerce', 'vtex', 'amazon', 'ebay', 'etsy'];

const LABELS: Readonly<Record<keyof Draft, TextKey>> = {
  name: 'settings.store.name', key: 'settings.store.key', url: 'settings.store.url', platform: 'settings.store.platform',
};

/** Creates a store, or edits one. */
export class StoreDialog extends FormDialog<Draft, Store> {
  protected override readonly form: Form<Draft>;
  #store: Store | null = null;
  #etag: string | null = null;
  /** The key follows the name until the person writes one. */
  #keyIsOwn = false;
  readonly #list = uniqueId('platforms');

  constructor() {
    super();
    this.form = new Form<Draft>(this, { name: '', key: '', url: '', platform: '' });
  }

  /** @param etag of the store as it was read: a change since then is not overwritten */
  edit(store: Store, etag: string | null): this {
    this.#store = store;
    this.#etag = etag;
    this.form.reset(draftOf(store));
    return this;
  }

  protected override heading(): string {
    return this.#store ? t('settings.store.editTitle', { name: this.#store.name }) : t('settings.store.createTitle');
  }

  protected override verb(): string {
    return this.#store ? t('elements.save') : t('settings.store.create');
  }

  protected override fields(): TemplateResult {
    const keyChanges = this.#store && this.form.draft.key.trim() !== this.#store.key;
    return html`
      <div @input=${this.#named}>${this.form.text('name', { label: t(LABELS.name), help: t('settings.store.nameHelp'), autofocus: true, required: true })}</div>
      <div @input=${() => { this.#keyIsOwn = true; }}>${this.form.text('key', { label: t(LABELS.key), help: rich('settings.store.keyHelp', { path: html`<code>/store/${this.form.draft.key || 'madrid'}/settings/api</code>` }), mono: true, required: true })}</div>
      ${keyChanges ? note('warning', t('settings.store.keyChanges', { key: this.#store!.key })) : nothing}
      ${this.form.field({
        name: 'platform', label: t(LABELS.platform), help: t('settings.store.platformHelp'), optional: true,
        control: ({ id, describedBy, invalid }) => html`<input class="input" id=${id} name="platform" list=${this.#list} autocomplete="off"
          aria-describedby=${describedBy} aria-invalid=${invalid} .value=${this.form.draft.platform}
          @input=${(event: Event) => this.form.set({ platform: (event.target as HTMLInputElement).value })}>
          <datalist id=${this.#list}>${this.#platforms().map((each) => html`<option value=${each} label=${platformName(each)}></option>`)}</datalist>`,
      })}
      ${this.form.text('url', { label: t(LABELS.url), help: t('settings.store.urlHelp'), optional: true, inputmode: 'url', placeholder: 'https://' })}`;
  }

  #platforms(): string[] {
    return [...new Set([...(stores.value ?? []).flatMap((store) => store.platform ?? []), ...SUGGESTED])];
  }

  #named = (): void => {
    if (!this.#store && !this.#keyIsOwn) {
      this.form.set({ key: slug(this.form.draft.name) });
    }
  };

  protected override async reload(): Promise<void> {
    this.bringTogether(await api.get<Store>(`/stores/${this.#store!.id}`), ({ value, etag }) => {
      this.#store = value;
      this.#etag = etag;
      return this.form.rebase(draftOf(value)).map((name) => t(LABELS[name]));
    });
  }

  protected override async submit(): Promise<void> {
    const store = this.#store;
    const done = await this.form.send(() => (store
      ? api.patch<Store>(`/stores/${store.id}`, bodyOf(this.form.changed), { ifMatch: this.#etag })
      : this.form.submission.post<Store>('/stores', bodyOf(this.form.draft))));
    if (done) {
      this.close(done.value);
    }
  }
}

function draftOf(store: Store): Draft {
  return { name: store.name, key: store.key, url: store.url ?? '', platform: store.platform ?? '' };
}

/** What is left empty is no value. */
function bodyOf(draft: Partial<Draft>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, value.trim() === '' && name !== 'name' ? null : value.trim()]));
}

/** A key as a person would shorten the name: "Café Sol" becomes cafe-sol. What a key may be, the API decides. */
function slug(name: string): string {
  return name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
}

define('lk-store-dialog', StoreDialog);
