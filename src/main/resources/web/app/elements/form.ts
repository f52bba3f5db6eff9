import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { Submission, type Answer, type Done } from '../api/client.js';
import { isStale, type Problem } from '../api/problem.js';
import { messageOf } from '../texts/problems.js';
import { t } from '../texts/texts.js';
import { uniqueId } from './element.js';
import { problemBanner } from './states.js';

/**
 * What a person is typing, and what became of sending it. Nothing that is typed is ever thrown away by a failure: the draft stays
 * until it was accepted, or given up knowingly. The rules are the API's: its `errors` are shown at the fields that they name.
 */
export class Form<D extends object> implements ReactiveController {
  draft: D;
  problem: Problem | null = null;
  busy = false;
  readonly submission = new Submission();
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #ids = uniqueId('form');
  #initial: string;
  #known = new Set<string>();

  constructor(host: ReactiveControllerHost & HTMLElement, draft: D) {
    this.#host = host;
    this.draft = draft;
    this.#initial = JSON.stringify(draft);
    host.addController(this);
  }

  hostConnected(): void {
    // Nothing: the draft lives as long as its element.
  }

  /** Begins anew with what is saved now. */
  reset(draft: D): void {
    this.draft = draft;
    this.#initial = JSON.stringify(draft);
    this.problem = null;
    this.#host.requestUpdate();
  }

  set(change: Partial<D>): void {
    this.draft = { ...this.draft, ...change };
    this.#host.requestUpdate();
  }

  get isDirty(): boolean {
    return JSON.stringify(this.draft) !== this.#initial;
  }

  /**
   * What is saved has changed meanwhile: what the person has not touched follows it, what they typed stays.
   *
   * @param together fields that mean something only with each other, such as a number and its unit
   * @param merges for a field that both have changed: how what was typed into it is brought together with what is saved
   * @returns the fields that both have changed
   */
  rebase(saved: D, together: readonly (readonly (keyof D)[])[] = [], merges: Merges<D> = {}): (keyof D & string)[] {
    const before = this.initial;
    const mine = this.draft;
    const both: (keyof D & string)[] = [];
    const draft = { ...saved };
    const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
    // A field that has no value may be absent from any of them.
    const differs = (name: keyof D, one: D, other: D): boolean => !same(one[name] ?? '', other[name] ?? '');
    for (const name of new Set([...Object.keys(saved), ...Object.keys(mine)]) as Set<keyof D & string>) {
      const group = together.find((names) => names.includes(name)) ?? [name];
      if (group.some((each) => differs(each, mine, before))) {
        draft[name] = merges[name]?.(before[name], mine[name], saved[name]) ?? mine[name];
        if (differs(name, saved, before) && differs(name, saved, mine)) {
          both.push(name);
        }
      }
    }
    this.draft = draft;
    this.#initial = JSON.stringify(saved);
    this.problem = null;
    this.#host.requestUpdate();
    return both;
  }

  /** The fields that the person has changed, with their values. */
  get changed(): Partial<D> {
    const before = this.initial;
    return Object.fromEntries(Object.entries(this.draft).filter(([name, value]) =>
      JSON.stringify(value) !== JSON.stringify(before[name as keyof D]))) as Partial<D>;
  }

  /** What was there before anything was typed. */
  get initial(): D {
    return JSON.parse(this.#initial) as D;
  }

  /**
   * Sends; the answer if it was accepted, else null, and the problem is shown.
   *
   * @param taken takes a problem to say it in its own way; then it is not shown here
   */
  async send<T>(request: () => Promise<Answer<T>>, taken?: (problem: Problem) => boolean): Promise<Done<T> | null> {
    if (this.busy) {
      return null;
    }
    // What is typed while it is on its way is not saved by it.
    const sent = JSON.stringify(this.draft);
    this.busy = true;
    this.problem = null;
    this.#host.requestUpdate();
    const answer = await request();
    this.busy = false;
    if (answer.ok) {
      this.#initial = sent;
      this.#host.requestUpdate();
      return answer;
    }
    if (taken?.(answer.problem)) {
      this.#host.requestUpdate();
    } else {
      await this.#refused(answer.problem);
    }
    return null;
  }

  /** Asks something about the draft, which stays unsaved; the answer, or null, and the problem is shown. */
  async ask<T>(request: () => Promise<Answer<T>>): Promise<Done<T> | null> {
    this.problem = null;
    this.#host.requestUpdate();
    const answer = await request();
    if (!answer.ok) {
      await this.#refused(answer.problem);
      return null;
    }
    return answer;
  }

  async #refused(problem: Problem): Promise<void> {
    this.problem = problem;
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    this.#showFirstError();
  }

  #showFirstError(): void {
    const wrong = this.#host.querySelector<HTMLElement>('[aria-invalid="true"], .field-invalid');
    const control = wrong?.matches('.field-invalid') ? wrong.querySelector<HTMLElement>(':is(input, select, textarea):not([disabled])') : wrong;
    const first = control ?? wrong ?? this.#host.querySelector<HTMLElement>('.banner-error');
    first?.focus();
    (wrong ?? first)?.scrollIntoView({ block: wrong && wrong.offsetHeight > 400 ? 'start' : 'center' });
  }

  /**
   * The messages of a field and of what is inside it: `access` also gets those of `access.stores[0]`.
   *
   * @param entries of a list, as the person knows them
   */
  errorsOf(name: string, entries: readonly string[] = []): string[] {
    this.#known.add(name);
    return (this.problem?.errors ?? [])
      .filter(({ field }) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`))
      .map((error) => {
        // Of a list the person is told which one: they count from 1.
        const index = /^[^[]*\[(\d+)\]/.exec(error.field.slice(name.length))?.[1];
        const entry = entries[Number(index)];
        return index === undefined ? messageOf(error) : entry !== undefined ? `${entry}: ${messageOf(error)}` : t('elements.itemError', { index: Number(index) + 1, message: messageOf(error) });
      });
  }

  /**
   * Above the fields: the problem, with those of its errors that stand at no field. Render it after the fields were asked for.
   *
   * @param reload for a 412: offers to load what somebody else has saved
   */
  banner(retry?: () => void, reload?: () => void): TemplateResult | typeof nothing {
    if (!this.problem) {
      return nothing;
    }
    const homeless = this.problem.errors.filter(({ field }) =>
      ![...this.#known].some((name) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`)));
    const remedy = reload && isStale(this.problem) ? { label: t('elements.stale.load'), run: reload } : undefined;
    return html`${problemBanner(this.problem, retry, remedy)}
      ${homeless.length === 0 ? nothing : html`<ul class="homeless">${homeless.map((error) =>
        html`<li><code>${error.field}</code> ${messageOf(error)}</li>`)}</ul>`}`;
  }

  /** A label, the control, its help and its errors, tied together for screen readers. */
  field({ name, label, help, optional, control, group, entries }: Field): TemplateResult {
    const id = `${this.#ids}-${name.replaceAll(/[^a-zA-Z0-9]/g, '-')}`;
    const errors = this.errorsOf(name, entries);
    const describedBy = [help ? `${id}-help` : '', errors.length > 0 ? `${id}-error` : ''].filter(Boolean).join(' ');
    const tied: Tied = { id, describedBy: describedBy || nothing, invalid: errors.length > 0 ? 'true' : nothing, labelId: `${id}-label` };
    const title = html`${label}${optional ? html` <span class="optional">${t('elements.optional')}</span>` : nothing}`;
    // A group can be long: what is wrong with it stands where it begins.
    const said = errors.length > 0 ? html`<p class="error" id="${id}-error">${errors.map((error) => html`<span>${error}</span> `)}</p>` : nothing;
    return html`<div class="field ${errors.length > 0 ? 'field-invalid' : ''}" role=${group ? 'group' : nothing} aria-labelledby=${group ? tied.labelId : nothing}>
      ${group ? html`<span class="label" id=${tied.labelId}>${title}</span>` : html`<label class="label" id=${tied.labelId} for=${id}>${title}</label>`}
      ${group && help ? html`<p class="help" id="${id}-help">${help}</p>` : nothing}
      ${group ? said : nothing}
      ${control(tied)}
      ${group ? nothing : said}
      ${help && !group ? html`<p class="help" id="${id}-help">${help}</p>` : nothing}
    </div>`;
  }

  /** A field of one line. */
  text(name: keyof D & string, { label, help, optional, type, mono, ...more }: TextField): TemplateResult {
    return this.field({
      name, label, help, optional,
      control: ({ id, describedBy, invalid }) => html`<input class="input ${mono ? 'mono' : ''}" id=${id} name=${name} type=${type ?? 'text'}
        autocomplete=${more.autocomplete ?? 'off'} spellcheck=${mono ? 'false' : nothing} ?autofocus=${more.autofocus}
        placeholder=${more.placeholder ?? nothing} inputmode=${more.inputmode ?? nothing} ?readonly=${more.readonly} ?required=${more.required}
        aria-describedby=${describedBy} aria-invalid=${invalid} .value=${String(this.draft[name] ?? '')}
        @input=${(event: Event) => this.set({ [name]: (event.target as HTMLInputElement).value } as Partial<D>)}>`,
    });
  }

  /** A field of several lines. */
  area(name: keyof D & string, { label, help, optional, mono, rows, ...more }: TextField & { rows?: number }): TemplateResult {
    return this.field({
      name, label, help, optional,
      control: ({ id, describedBy, invalid }) => html`<textarea class="input ${mono ? 'mono' : ''}" id=${id} name=${name} rows=${rows ?? 3}
        placeholder=${more.placeholder ?? nothing} ?readonly=${more.readonly} spellcheck=${mono ? 'false' : nothing} aria-describedby=${describedBy} aria-invalid=${invalid}
        .value=${String(this.draft[name] ?? '')}
        @input=${(event: Event) => this.set({ [name]: (event.target as HTMLTextAreaElement).value } as Partial<D>)}></textarea>`,
    });
  }

  /** One of a few, all of them in sight. */
  choice<V extends string>(name: keyof D & string, { label, help, options, disabled }: ChoiceField<V>): TemplateResult {
    return this.field({
      name, label, help, group: true,
      control: ({ id, describedBy }) => html`<div class="choices" aria-describedby=${describedBy}>${options.map(({ value, label: text, help: more }) => html`
        <label class="choice"><input type="radio" name=${id} .value=${value} .checked=${this.draft[name] === value} ?disabled=${disabled}
          @change=${() => this.set({ [name]: value } as unknown as Partial<D>)}>
          <span><span class="choice-label">${text}</span>${more ? html`<span class="help">${more}</span>` : nothing}</span></label>`)}</div>`,
    });
  }

  /** Yes or no. */
  toggle(name: keyof D & string, { label, help, disabled, change }: ToggleField): TemplateResult {
    const id = `${this.#ids}-${name}`;
    const errors = this.errorsOf(name);
    return html`<div class="field toggle-field">
      <input class="toggle" type="checkbox" role="switch" id=${id} .checked=${Boolean(this.draft[name])} ?disabled=${disabled}
        aria-describedby=${help ? `${id}-help` : nothing} aria-invalid=${errors.length > 0 ? 'true' : nothing}
        @change=${(event: Event) => {
          const wanted = (event.target as HTMLInputElement).checked;
          if (change) {
            change(wanted);
          } else {
            this.set({ [name]: wanted } as Partial<D>);
          }
        }}>
      <div><label class="label" for=${id}>${label}</label>
        ${help ? html`<p class="help" id="${id}-help">${help}</p>` : nothing}
        ${errors.length > 0 ? html`<p class="error">${errors.join(' ')}</p>` : nothing}</div>
    </div>`;
  }
}

/** How two changes of one field become one. */
export type Merges<D> = { readonly [F in keyof D]?: (before: D[F], mine: D[F], saved: D[F]) => D[F] };

interface Said {
  readonly label: string;
  readonly help?: string | TemplateResult;
}

export interface Tied {
  readonly id: string;
  readonly labelId: string;
  readonly describedBy: string | typeof nothing;
  readonly invalid: 'true' | typeof nothing;
}

export interface Field extends Said {
  /** As the API names it in `errors`. */
  readonly name: string;
  readonly optional?: boolean;
  /** Several controls under one label. */
  readonly group?: boolean;
  /** Of a list: what its errors are told by. */
  readonly entries?: readonly string[];
  readonly control: (tied: Tied) => TemplateResult;
}

export interface TextField extends Said {
  readonly optional?: boolean;
  readonly required?: boolean;
  readonly readonly?: boolean;
  readonly autofocus?: boolean;
  readonly mono?: boolean;
  readonly type?: 'text' | 'url' | 'email' | 'number' | 'search';
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly inputmode?: 'numeric' | 'url' | 'email';
}

export interface ChoiceField<V extends string> extends Said {
  readonly options: readonly { readonly value: V; readonly label: string; readonly help?: string | TemplateResult }[];
  readonly disabled?: boolean;
}

export interface ToggleField extends Said {
  readonly disabled?: boolean;
  /** Decides itself what becomes of the click, after a question for one. */
  readonly change?: (wanted: boolean) => void;
}
