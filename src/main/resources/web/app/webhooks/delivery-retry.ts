import { api } from '../api/client.js';
import { refused, toast } from '../elements/toasts.js';
import { may } from '../frame/session.js';
import { Signal } from '../frame/signal.js';
import { t } from '../texts/texts.js';
import { adviceOf } from './delivery-advice.js';
import { deliveryChanged, type DeliveryDetail } from './delivery.js';
import type { Webhook } from './webhook.js';

/** Those of which it was wanted and is not known yet what came of it, with how many attempts there were before. */
const wanted = new Map<string, number>();

/** What was put back into the queue last: whoever shows it follows it. */
export const sentAgain = new Signal<DeliveryDetail | null>(null);

deliveryChanged.watch((detail) => {
  const before = detail === null ? undefined : wanted.get(detail.id);
  if (detail && before !== undefined && detail.attempts.length > before) {
    wanted.delete(detail.id);
    tell(detail);
  }
});

function tell({ eventType, request, attempts }: DeliveryDetail): void {
  const { error, statusCode, durationMs } = attempts.at(-1)!;
  if (error) {
    toast(t('deliveries.retry.failed', { event: eventType, advice: adviceOf(error, { url: request.url, status: statusCode, durationMs }) }), 'warning');
  } else {
    toast(t('deliveries.retry.delivered', { event: eventType, status: String(statusCode ?? '') }));
  }
}

/** Whether the person may have deliveries sent again, and the webhook takes any. */
export function mayRetry({ active }: Webhook): boolean {
  return may('webhooks:manage') && active;
}

/** Has it sent again now, and tells of it by `sentAgain`; what comes of it is said when somebody who follows it learns of it. */
export async function retry(delivery: { readonly id: string }): Promise<void> {
  const answer = await api.post<DeliveryDetail>(`/deliveries/${delivery.id}/retry`, {});
  if (!answer.ok) {
    refused(answer.problem, () => void retry(delivery));
    return;
  }
  wanted.set(delivery.id, answer.value.attempts.length);
  deliveryChanged.value = answer.value;
  sentAgain.value = answer.value;
}
