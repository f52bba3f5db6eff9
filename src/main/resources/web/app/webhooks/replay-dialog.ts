import { html, nothing, type TemplateResult } from 'lit';
import { api, type Page } from '../api/client.js';
import { define } from '../elements/element.js';
import { Form } from '../elements/form.js';
import { FormDialog } from '../elements/form-dialog.js';
import { note } from '../elements/states.js';
import { dateTime } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { Delivery } from './delivery.js';
import { REPLAYED, SPANS, spanBegin, type Replay, type ReplayedState, type SpanName } from './replay.js';
import { nameOf, type Webhook } from './webhook.js';

interface ReplayDraft {
  readonly span: SpanName | 'failing' | 'own';
  /** As it is typed, in the time of the browser. */
  readonly from: string;
  readonly to: string;
  readonly state: ReplayedState;
}

/** What is counted before it begins; what is more is told as "more than". */
const COUNTED = 200;
const PAUSE_MILLIS = 300;
const MOMENT_MILLIS = 60_000;

/** Sends again what was published within a span of time; says beforehand how many that are. */
export class ReplayDialog extends FormDialog<ReplayDraft, Replay> {
  static override properties = { count: { state: true } };
  protected override readonly form: Form<ReplayDraft>;
  /** undefined: being counted; null: unknown. */
  declare private count: { readonly number: number; readonly more: boolean } | null | undefined;
  /** Spans count from here, so that what is sent twice is the same. */
  readonly #opened = Date.now();
  #counted = '';
  #running: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly webhook: Webhook) {
    super();
    this.form = new Form<ReplayDraft>(this, { span: this.#failingSince ? 'failing' : 'day', from: '', to: '', state: 'exhausted' });
    this.count = undefined;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  /** When it began to fail. What failed first was published a moment before. */
  get #failingSince(): string | null {
    const { failingSince } = this.webhook;
    return failingSince && new Date(Date.parse(failingSince) - MOMENT_MILLIS).toISOString();
  }

  /** The span as the API wants it. What is not typed is left to be refused. */
  #body(): { readonly from: string | null; readonly to?: string; readonly state: ReplayedState } {
    const { span, from, to, state } = this.form.draft;
    if (span === 'own') {
      return { from: instant(from), ...(to ? { to: instant(to) ?? to } : {}), state };
    }
    return { from: span === 'failing' ? this.#failingSince : spanBegin(span, this.#opened).toISOString(), state };
  }

  protected override willUpdate(): void {
    const asked = JSON.stringify(this.form.draft);
    if (asked !== this.#counted) {
      this.#counted = asked;
      this.count = undefined;
      clearTimeout(this.#timer);
      this.#running?.abort();
      this.#timer = setTimeout(() => void this.#ask(), PAUSE_MILLIS);
    }
  }

  /** Looks at the first of them, as many as a list has at once. */
  async #ask(): Promise<void> {
    const { from, to, state } = this.#body();
    if (from === null) {
      this.count = null;
      return;
    }
    const running = new AbortController();
    this.#running = running;
    try {
      const answer = await api.get<Page<Delivery>>(`/webhooks/${this.webhook.id}/deliveries`, { from, to, state: state === 'all' ? null : state, limit: COUNTED }, { signal: running.signal });
      if (!running.signal.aborted) {
        this.count = answer.ok ? { number: answer.value.items.filter((delivery) => delivery.state !== 'pending').length, more: answer.value.nextCursor !== null } : null;
      }
    } catch (fault) {
      if (!running.signal.aborted) {
        throw fault;
      }
    }
  }

  protected override heading(): string {
    return t('deliveries.replay.form.title');
  }

  protected override subheading(): string {
    return nameOf(this.webhook);
  }

  protected override verb(): string {
    return t('deliveries.replay.form.action');
  }

  protected override async submit(): Promise<void> {
    const done = await this.form.send(() => this.form.submission.post<Replay>(`/webhooks/${this.webhook.id}/replay`, this.#body()));
    if (done) {
      this.close(done.value);
    }
  }

  protected override fields(): TemplateResult {
    const { form } = this;
    return html`
      ${form.field({
        name: 'span', label: t('deliveries.replay.form.span'), help: form.draft.span === 'own' ? t('deliveries.replay.form.spanHelp') : undefined,
        control: ({ id, describedBy }) => html`<select class="input" id=${id} name="span" autofocus aria-describedby=${describedBy}
          @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value as ReplayDraft['span'])}>${this.#spans().map(({ value, label }) =>
            html`<option value=${value} .selected=${value === form.draft.span}>${label}</option>`)}</select>`,
      })}
      ${form.draft.span === 'own' ? html`<div class="replay-times">${this.#time('from', t('deliveries.replay.form.from'), false)}${this.#time('to', t('deliveries.replay.form.to'), true)}</div>` : nothing}
      ${form.choice('state', {
        label: t('deliveries.replay.form.state'),
        options: REPLAYED.map((value) => ({ value, label: t(`deliveries.replay.state.${value}`), help: t(`deliveries.replay.state.${value}Help`) })),
      })}
      <div role="status">${note(this.count && this.count.number === 0 && !this.count.more ? 'warning' : 'info', this.#said())}</div>`;
  }

  #spans(): { readonly value: ReplayDraft['span']; readonly label: string }[] {
    return [
      ...(this.#failingSince ? [{ value: 'failing' as const, label: t('deliveries.replay.form.failing', { when: dateTime(this.#failingSince) }) }] : []),
      ...(Object.keys(SPANS) as SpanName[]).map((value) => ({ value, label: t(`deliveries.span.${value}`) })),
      { value: 'own', label: t('deliveries.replay.form.own') },
    ];
  }

  /** One's own begins with what was chosen before. */
  #choose(span: ReplayDraft['span']): void {
    const { draft } = this.form;
    const begin = this.#body().from;
    this.form.set({ span, ...(span === 'own' && !draft.from && begin ? { from: local(new Date(begin)) } : {}) });
  }

  #time(name: 'from' | 'to', label: string, optional: boolean): TemplateResult {
    const { form } = this;
    return form.field({
      name, label, optional, help: optional ? t('deliveries.replay.form.toHelp') : undefined,
      control: ({ id, describedBy, invalid }) => html`<input class="input" type="datetime-local" step="60" id=${id} name=${name} aria-describedby=${describedBy} aria-invalid=${invalid}
        .value=${form.draft[name]} @input=${(event: Event) => form.set({ [name]: (event.target as HTMLInputElement).value })}>`,
    });
  }

  #said(): TemplateResult {
    const { count } = this;
    if (count === undefined) {
      return html`<p>${t('deliveries.replay.form.counting')}</p>`;
    }
    return html`<p><strong>${count === null ? t('deliveries.replay.form.unknown') : count.more ? t('deliveries.replay.form.more', { count: count.number })
      : t('deliveries.replay.form.count', { count: count.number })}</strong></p><p>${t('deliveries.replay.form.means')}</p>`;
  }
}

/** What a field of date and time holds, which is in the zone of the browser; null for what is none. */
function instant(typed: string): string | null {
  const at = new Date(typed);
  return typed === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

function local(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

define('lk-replay-dialog', ReplayDialog);
