import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { api } from '../api/client.js';
import { deliveryChanged, type Delivery, type DeliveryDetail } from './delivery.js';

/** How long until it is looked at again, each time a bit longer; after the last one whoever wants to know asks. */
const PAUSES_MILLIS = [300, 500, 700, 1000, 1000, 1500, 1500, 2000, 2000, 3000, 3000, 3000, 4000, 4000, 5000] as const;

/** What is tried again later than that is not waited for. */
const SOON_MILLIS = 15_000;

/** Looks at deliveries that are being sent until it is known what became of them, and tells it by `deliveryChanged`. */
export class Following implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#waiting.forEach((timer) => clearTimeout(timer));
    this.#waiting.clear();
  }

  /** From now on, anew if it was followed before. */
  follow(id: string): void {
    this.#look(id, 0);
  }

  follows(id: string): boolean {
    return this.#waiting.has(id);
  }

  #look(id: string, time: number): void {
    clearTimeout(this.#waiting.get(id));
    const pause = PAUSES_MILLIS[time];
    if (pause === undefined) {
      this.#waiting.delete(id);
    } else {
      this.#waiting.set(id, setTimeout(() => void this.#ask(id, time), pause));
    }
    this.#host.requestUpdate();
  }

  async #ask(id: string, time: number): Promise<void> {
    const mine = this.#waiting.get(id);
    const answer = await api.get<DeliveryDetail>(`/deliveries/${id}`);
    if (this.#waiting.get(id) !== mine) {
      return;
    }
    if (answer.ok && !isSoon(answer.value)) {
      this.#waiting.delete(id);
    } else {
      this.#look(id, time + 1);
    }
    if (answer.ok) {
      deliveryChanged.value = answer.value;
    }
  }
}

function isSoon({ state, nextAttemptAt }: Pick<Delivery, 'state' | 'nextAttemptAt'>): boolean {
  return state === 'pending' && (nextAttemptAt === null || Date.parse(nextAttemptAt) <= Date.now() + SOON_MILLIS);
}
