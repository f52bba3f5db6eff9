import { html, nothing, type TemplateResult } from 'lit';
import { api } from '../api/client.js';
import { askAndDo } from '../elements/confirm.js';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon } from '../elements/icon.js';
import { List } from '../elements/list.js';
import { errorState, skeleton } from '../elements/states.js';
import { table } from '../elements/table.js';
import { toast } from '../elements/toasts.js';
import { timeAgo } from '../elements/values.js';
import { onceAwake } from '../frame/awake.js';
import { may, session } from '../frame/session.js';
import { dateTime, number } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { mayRetry } from './delivery-retry.js';
import { deliveriesChanged } from './delivery.js';
import { ReplayDialog } from './replay-dialog.js';
import { statusTag, type Replay } from './replay.js';
import { nameOf, type Webhook } from './webhook.js';

const AT_ONCE = 5;
const PAUSE_MILLIS = 1000;
/** One that has run for longer is looked at less often. */
const LONG_MILLIS = 60_000;

/** What was sent again of a span of time: the replay that runs, how far it is, and those before. */
export class WebhookReplays extends PanelElement {
  static override properties = { webhook: { attribute: false } };
  protected override readonly follows = [session];
  declare webhook: Webhook;
  readonly #id = uniqueId('replays');
  #list: List<Replay> | null = null;
  #of = '';
  /** Ends the waiting for the next look. */
  #rest = (): void => undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#rest();
  }

  protected override willUpdate(): void {
    if (this.webhook.id !== this.#of) {
      this.#of = this.webhook.id;
      this.#rest();
      this.#list = new List<Replay>(this, `/webhooks/${this.webhook.id}/replays`, AT_ONCE);
      void this.#load();
    }
  }

  async #load(): Promise<void> {
    await this.#list?.load();
    this.#watch();
  }

  get #running(): Replay | undefined {
    return this.#list?.items.find(({ status }) => status === 'running');
  }

  /** Looks at the one that runs until it does so no more, as long as somebody is there: one of a webhook that is off runs on. */
  #watch(): void {
    this.#rest();
    const running = this.#running;
    if (running && this.isConnected) {
      const pause = Date.now() - Date.parse(running.createdAt) > LONG_MILLIS ? 3 * PAUSE_MILLIS : PAUSE_MILLIS;
      const timer = setTimeout(() => { this.#rest = onceAwake(() => void this.#look(running)); }, pause);
      this.#rest = () => clearTimeout(timer);
    }
  }

  async #look({ id, webhookId }: Replay): Promise<void> {
    const answer = await api.get<Replay>(`/replays/${id}`);
    if (webhookId !== this.webhook.id) {
      return;
    }
    if (answer.ok) {
      this.#take(answer.value);
    } else if (answer.problem.status === 404) {
      // Gone, or out of reach by now: no look at it finds it again.
      this.#forget(id);
    }
    this.#watch();
  }

  #forget(id: string): void {
    const held = this.#isHeld();
    this.#list?.remove((replay) => replay.id === id);
    if (held) {
      void this.#focusAfter();
    }
  }

  #isHeld(): boolean {
    return this.querySelector('.replay-running')?.contains(document.activeElement) ?? false;
  }

  #take(replay: Replay): void {
    const before = this.#list?.items.find(({ id }) => id === replay.id);
    const held = this.#isHeld();
    this.#list?.replace(replay, ({ id }) => id === replay.id);
    if (held && replay.status !== 'running') {
      void this.#focusAfter();
    }
    if (before?.status === 'running' && replay.status === 'done') {
      this.#done(replay);
    } else if (before && before.replayed !== replay.replayed) {
      deliveriesChanged.value += 1;
    }
  }

  /** What had the focus goes with what runs. */
  async #focusAfter(): Promise<void> {
    await this.updateComplete;
    (this.querySelector<HTMLElement>('[data-do=replay]') ?? this.closest('main'))?.focus({ preventScroll: true });
  }

  #start = async (): Promise<void> => {
    const started = await new ReplayDialog(this.webhook).open();
    if (started) {
      // It is watched from now on, also where the list does not come.
      this.#list?.put(started, ({ id }) => id === started.id);
      await this.#load();
      this.#begun(started);
      this.querySelector<HTMLElement>('.replay-running')?.focus();
    }
  };

  /** A short one may be done when the list comes. */
  #begun({ id }: Replay): void {
    const replay = this.#list?.items.find((each) => each.id === id);
    if (replay?.status === 'done') {
      this.#done(replay);
    }
  }

  #done({ replayed }: Replay): void {
    deliveriesChanged.value += 1;
    toast(t('deliveries.replay.doneToast', { count: replayed }));
  }

  async #cancel(replay: Replay): Promise<void> {
    const done = await askAndDo<Replay>({
      title: t('deliveries.replay.cancel.title'),
      about: nameOf(this.webhook),
      body: t('deliveries.replay.cancel.body'),
      action: t('deliveries.replay.cancel'),
      cancel: t('deliveries.replay.cancel.not'),
      run: (submission) => submission.post<Replay>(`/replays/${replay.id}/cancel`, {}),
    });
    if (done) {
      this.#take(done.value);
      this.#watch();
      toast(t('deliveries.replay.cancelled', { count: done.value.replayed }));
    }
  }

  protected override render(): TemplateResult {
    return html`<section class="key-section replays" aria-labelledby=${this.#id}>
      <header class="section-head"><div><h2 id=${this.#id}>${t('deliveries.replay.title')}</h2><p class="help">${t('deliveries.replay.lead')}</p></div>
        ${mayRetry(this.webhook) && this.#list?.loaded && !this.#running ? html`<button type="button" class="button" data-do="replay" @click=${this.#start}>${icon('refresh')}${t('deliveries.replay.start')}</button>` : nothing}</header>
      ${this.#list ? this.#content(this.#list) : nothing}</section>`;
  }

  #content(list: List<Replay>): TemplateResult {
    if (!list.loaded) {
      return list.problem ? errorState(list.problem, () => void this.#load()) : skeleton(2);
    }
    const running = this.#running;
    return html`${running ? this.#progress(running) : nothing}${list.header()}
      ${list.items.length > 0 ? html`${this.#table(list)}${list.footer()}` : list.problem ? nothing : html`<p class="section-none">${t('deliveries.replay.none')}</p>`}`;
  }

  #progress(replay: Replay): TemplateResult {
    return html`<div class="card replay-running" tabindex="-1">
      <div class="replay-head"><strong>${t('deliveries.replay.running')}</strong>
        ${may('webhooks:manage') ? html`<button type="button" class="button button-small" @click=${() => void this.#cancel(replay)}>${t('deliveries.replay.cancel')}</button>` : nothing}</div>
      <div class="progress" role="progressbar" aria-label=${t('deliveries.replay.running')} aria-valuetext=${t('deliveries.replay.count', { count: replay.replayed })}><span></span></div>
      <p role="status">${t('deliveries.replay.count', { count: replay.replayed })}</p>
      <p class="help">${this.webhook.active ? t('deliveries.replay.waits') : t('deliveries.replay.off')}</p></div>`;
  }

  #table(list: List<Replay>): TemplateResult {
    return table<Replay>({
      caption: t('deliveries.replay.caption'),
      columns: [
        { head: t('deliveries.replay.span'), names: true, cell: ({ from, to }) => html`<span class="replay-span">${rich('deliveries.replay.fromTo', { from: dateTime(from), to: dateTime(to) })}</span>` },
        { head: t('deliveries.replay.what'), cell: ({ state }) => t(`deliveries.replay.state.${state}`) },
        { head: t('deliveries.columns.state'), cell: ({ status }) => statusTag(status) },
        { head: t('deliveries.replay.replayed'), align: 'end', cell: ({ replayed }) => number(replayed) },
        { head: t('deliveries.replay.begun'), cell: ({ createdAt }) => timeAgo(createdAt) },
      ],
      rows: list.items,
      key: ({ id }) => id,
      busy: list.loading,
    });
  }
}

define('lk-webhook-replays', WebhookReplays);
