import { html, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import { define, PanelElement } from '../elements/element.js';
import { may } from '../frame/session.js';
import { t } from '../texts/texts.js';

/** As many as are looked up one by one; further ones are told by their ids. */
const MOST = 20;
const names = new Map<string, Promise<string | null>>();

/** Things that an entry names by their ids, by the names that they have now. Asked for when the entry is unfolded. */
class NamedIds extends PanelElement {
  static override properties = { kind: {}, ids: { attribute: false }, found: { state: true } };
  declare kind: 'keys' | 'credentials';
  declare ids: readonly string[];
  /** undefined: on its way; null: gone, or not open to this person. */
  declare private found: ReadonlyMap<string, string | null>;
  #details: HTMLDetailsElement | null = null;

  constructor() {
    super();
    this.kind = 'keys';
    this.ids = [];
    this.found = new Map();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#details = this.closest('details');
    this.#details?.addEventListener('toggle', this.#opened);
    void this.updateComplete.then(() => this.#opened());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#details?.removeEventListener('toggle', this.#opened);
  }

  #opened = (): void => {
    if ((!this.#details || this.#details.open) && this.found.size === 0 && may(`${this.kind}:read`)) {
      this.ids.slice(0, MOST).forEach((id) => void this.#name(id));
    }
  };

  async #name(id: string): Promise<void> {
    const path = `/${this.kind}/${id}`;
    const asked = names.get(path) ?? api.get<{ readonly name: string }>(path).then((answer) => (answer.ok ? answer.value.name : null));
    names.set(path, asked);
    const name = await asked;
    if (name === null) {
      names.delete(path);
    }
    this.found = new Map([...this.found, [id, name]]);
  }

  protected override render(): TemplateResult {
    return this.ids.length === 0 ? html`–` : html`${this.ids.map((id, index) => html`${index > 0 ? ', ' : ''}${this.#one(id)}`)}`;
  }

  #one(id: string): TemplateResult {
    const name = this.found.get(id);
    return name ? html`<a href="/${this.kind}/${id}">${name}</a>`
      : html`<code>…${id.slice(-8)}</code>${name === null ? html` (${t('activity.gone')})` : ''}`;
  }
}

define('lk-named-ids', NamedIds);
