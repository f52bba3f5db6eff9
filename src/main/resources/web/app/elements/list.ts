import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { api, type Page } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import { t } from '../texts/texts.js';
import { problemBanner } from './states.js';

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;
type Same<T> = (one: T, other: T) => boolean;

/** The API's longest page. */
const MOST_AT_ONCE = 200;

/** A list of the API, page by page. A newer question outruns an older one: what answers late is thrown away. */
export class List<T> implements ReactiveController {
  items: readonly T[] = [];
  problem: Problem | null = null;
  loading = false;
  /** Whether the first page has come. */
  loaded = false;
  readonly #host: ReactiveControllerHost;
  readonly #path: string;
  readonly #limit: number;
  readonly #headers: () => Readonly<Record<string, string>>;
  #query: Query = {};
  #asked = '';
  /** What the rows that are shown answer. */
  #shown = '';
  #failed: 'load' | 'more' = 'load';
  #cursor: string | null = null;
  #running: AbortController | null = null;
  /** A further page is on its way. */
  #furthering = false;
  /** The renewal that was asked for and has not come yet. */
  #owed: Same<T> | null = null;

  /** @param headers of each request, such as the language of texts that the API writes */
  constructor(host: ReactiveControllerHost, path: string, limit = 50, headers: () => Readonly<Record<string, string>> = () => ({})) {
    this.#host = host;
    this.#path = path;
    this.#limit = limit;
    this.#headers = headers;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#owed = null;
    this.#running?.abort();
  }

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /**
   * From the start, by another question perhaps. What was shown stays until the answer is there; if there is none, what answers
   * another question goes, since nobody could tell that it does.
   */
  async load(query: Query = this.#query): Promise<void> {
    this.#query = query;
    this.#owed = null;
    await this.#fetch(null);
  }

  /** Loads when the question is another than before, or its answer is wanted in another language. */
  ask(query: Query): void {
    const asked = JSON.stringify([this.#headers(), query]);
    if (asked !== this.#asked) {
      this.#asked = asked;
      void this.load(query);
    }
  }

  /** What was asked last: whoever reads some rows by himself compares it, before he puts them among the others. */
  get asked(): string {
    return this.#asked;
  }

  /**
   * What has come is put on top, and what is shown is read anew as far as one page reaches; what was shown beyond it stays, as
   * long as it goes on from there. Nobody asked for it: whoever asks for a further page meanwhile gets that first.
   */
  async renew(same: Same<T>): Promise<void> {
    this.#owed = same;
    if (!this.#furthering) {
      await this.#fetch(null, same);
    }
  }

  async more(): Promise<void> {
    if (!this.#cursor || this.loading) {
      return;
    }
    this.#furthering = true;
    await this.#fetch(this.#cursor);
    this.#furthering = false;
    if (this.#owed) {
      await this.renew(this.#owed);
    }
  }

  /** What was just made, on top. */
  put(item: T, same: (other: T) => boolean): void {
    this.items = [item, ...this.items.filter((other) => !same(other))];
    this.#host.requestUpdate();
  }

  /** Puts what has changed in its place, without asking again. */
  replace(item: T, same: (other: T) => boolean): void {
    this.items = this.items.map((other) => (same(other) ? item : other));
    this.#host.requestUpdate();
  }

  /** Puts others in the place of those, without asking for the list again. */
  replaceAll(gone: (item: T) => boolean, others: readonly T[]): void {
    const at = this.items.findIndex(gone);
    const rest = this.items.filter((item) => !gone(item));
    const place = at < 0 ? rest.length : this.items.slice(0, at).filter((item) => !gone(item)).length;
    this.items = [...rest.slice(0, place), ...others, ...rest.slice(place)];
    this.#host.requestUpdate();
  }

  remove(gone: (item: T) => boolean): void {
    this.items = this.items.filter((item) => !gone(item));
    this.#host.requestUpdate();
  }

  async #fetch(cursor: string | null, same: Same<T> | null = null): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const asked = JSON.stringify(this.#query);
    const limit = same ? Math.max(this.#limit, Math.min(this.items.length, MOST_AT_ONCE)) : this.#limit;
    this.loading ||= !same;
    this.#host.requestUpdate();
    try {
      const answer = await api.get<Page<T>>(this.#path, { ...this.#query, limit, cursor }, { signal: running.signal, headers: this.#headers() });
      if (running.signal.aborted) {
        return;
      }
      this.#owed = cursor ? this.#owed : null;
      if (answer.ok) {
        const rest = same && asked === this.#shown ? this.#restAfter(answer.value, same) : null;
        this.items = cursor ? [...this.items, ...answer.value.items] : [...answer.value.items, ...(rest ?? [])];
        this.#cursor = rest ? this.#cursor : answer.value.nextCursor;
        this.problem = null;
        this.loaded = true;
        this.#shown = asked;
      } else {
        this.problem = answer.problem;
        this.#failed = cursor ? 'more' : 'load';
        if (asked !== this.#shown) {
          this.items = [];
          this.#cursor = null;
        }
      }
      this.loading = false;
      this.#host.requestUpdate();
    } catch (fault) {
      if (!running.signal.aborted) {
        throw fault;
      }
    }
  }

  /** Of what is shown, what comes after that page; null: it is unknown whether anything stands between them. */
  #restAfter({ items, nextCursor }: Page<T>, same: Same<T>): T[] | null {
    const last = items.at(-1);
    const at = last === undefined || nextCursor === null ? -1 : this.items.findIndex((item) => same(item, last));
    return at < 0 ? null : this.items.slice(at + 1).filter((item) => !items.some((newer) => same(newer, item)));
  }

  /** Above the rows: why they were not loaded anew. */
  header(): TemplateResult | typeof nothing {
    return this.problem && this.loaded && this.#failed === 'load' ? problemBanner(this.problem, () => void this.load()) : nothing;
  }

  /** Below the rows: the way to further ones, or why they did not come. */
  footer(): TemplateResult | typeof nothing {
    if (this.problem && this.loaded && this.#failed === 'more') {
      return problemBanner(this.problem, () => void this.more());
    }
    return this.hasMore
      ? html`<div class="list-more"><button class="button" aria-busy=${this.loading ? 'true' : 'false'} aria-disabled=${this.loading ? 'true' : nothing}
          @click=${() => void this.more()}>${t('elements.more')}</button></div>`
      : nothing;
  }
}
