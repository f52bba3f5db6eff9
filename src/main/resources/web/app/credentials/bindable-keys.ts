import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { api, type Page } from '../api/client.js';
import type { Problem } from '../api/problem.js';
import type { Key } from '../keys/key.js';
import { keysOf } from './integration.js';

/** As many as a person can be shown; the others are found by their names. */
const LISTED = 2000;
const FOUND_AT_ONCE = 200;
const PAUSE_MILLIS = 300;
const MOST_TYPED = 100;

/** Keys that can be given a credential: the active ones, and those that have it already, whatever became of them. */
export class BindableKeys implements ReactiveController {
  /** null: not loaded yet. */
  all: readonly Key[] | null = null;
  problem: Problem | null = null;
  /** There are more than are listed. */
  cut = false;
  /** Others are being looked for. */
  searching = false;
  /** Why they were not found. */
  unfound: Problem | null = null;
  readonly #host: ReactiveControllerHost;
  #text = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }

  /** @param bound ids of those that have it */
  async load(bound: readonly string[]): Promise<void> {
    this.problem = null;
    const answer = await api.all<Key>('/keys', { status: 'active' }, LISTED);
    if (answer.ok) {
      this.cut = answer.cut;
      this.all = answer.value;
      await this.include(bound);
    } else {
      this.problem = answer.problem;
    }
    this.#host.requestUpdate();
  }

  /** Those are among them from now on. */
  async include(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.all?.some((key) => key.id === id));
    if (missing.length > 0) {
      this.#add([...(await keysOf(missing)).values()]);
    }
  }

  replace(given: Key): void {
    this.all = this.all?.map((key) => (key.id === given.id ? given : key)) ?? null;
    this.#host.requestUpdate();
  }

  /** What is typed to find some of them may be the name of one that is not listed. */
  find(text: string): void {
    const typed = text.trim().slice(0, MOST_TYPED);
    clearTimeout(this.#timer);
    this.#text = typed;
    this.unfound = null;
    this.searching = this.cut && typed !== '';
    if (this.searching) {
      this.#timer = setTimeout(() => void this.#search(typed), PAUSE_MILLIS);
    }
    this.#host.requestUpdate();
  }

  async #search(typed: string): Promise<void> {
    const answer = await api.get<Page<Key>>('/keys', { status: 'active', q: typed, limit: FOUND_AT_ONCE });
    if (typed !== this.#text) {
      return;
    }
    this.searching = false;
    this.unfound = answer.ok ? null : answer.problem;
    this.#add(answer.ok ? answer.value.items : []);
  }

  #add(others: readonly Key[]): void {
    const known = new Set(this.all?.map((key) => key.id));
    this.all = [...(this.all ?? []), ...others.filter((key) => !known.has(key.id))];
    this.#host.requestUpdate();
  }
}
