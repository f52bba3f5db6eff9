import { LitElement, type ReactiveControllerHost } from 'lit';
import { Signal } from '../frame/signal.js';
import { locale } from '../texts/texts.js';

/**
 * What every element of the panel extends. It renders into the light DOM: one stylesheet serves all of them (a strict
 * Content-Security-Policy needs no exception), and labels, descriptions and errors can name fields by id across elements.
 * Renders anew when the language changes, or one of the signals that it `follows`.
 */
export abstract class PanelElement extends LitElement {
  /** Signals whose change renders this element anew. */
  protected readonly follows: readonly Signal<never>[] | readonly Signal<any>[] = [];
  #unwatch: (() => void)[] = [];

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = [locale, ...this.follows].map((signal) => signal.watch(() => this.requestUpdate()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch.forEach((end) => end());
    this.#unwatch = [];
  }
}

/** Has an element take in each value that a signal is given, for as long as the element is in the document. */
export function takesIn<T>(element: ReactiveControllerHost, signal: Signal<T>, take: (value: T) => void): void {
  let end: (() => void) | null = null;
  element.addController({
    hostConnected: () => { end = signal.watch(take); },
    hostDisconnected: () => end?.(),
  });
}

let last = 0;

/** An id that no other element of the document has. */
export function uniqueId(prefix: string): string {
  last += 1;
  return `${prefix}-${last}`;
}

/** Registers an element once, also when a live reload runs its module again. */
export function define(tag: string, type: CustomElementConstructor): void {
  if (!customElements.get(tag)) {
    customElements.define(tag, type);
  }
}
