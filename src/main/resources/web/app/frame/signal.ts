/** A value that others are told of when it changes: what the frame and the pages share. */
export class Signal<T> {
  #value: T;
  readonly #watchers = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    if (!Object.is(value, this.#value)) {
      this.#value = value;
      [...this.#watchers].forEach((watcher) => watcher(value));
    }
  }

  /** Returns what ends the watching. */
  watch(watcher: (value: T) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
