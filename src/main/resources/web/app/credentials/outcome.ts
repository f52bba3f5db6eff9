import { html, nothing, type TemplateResult } from 'lit';
import { api, type Answer, type Page } from '../api/client.js';
import { icon } from '../elements/icon.js';
import { list } from '../texts/format.js';
import { isTextKey, t } from '../texts/texts.js';

/** What the address says of who comes back from a provider. */
export const RETURNED = 'from=provider';

interface Entry {
  readonly at: string;
  readonly action: string;
  readonly changes: readonly { readonly field: string; readonly after: unknown }[];
}

/** How it ended that somebody was sent to a provider. */
export interface Outcome {
  readonly connected: boolean;
  /** Of a connection: how it stands then. Otherwise why there is none, as the activity log has it. */
  readonly reason: string;
  readonly detail: string | null;
  readonly scopesLost: readonly string[];
  readonly sameAccountUnknown: boolean;
}

const ENDINGS = ['credential.connected', 'credential.connect_failed'];
const LOOKED_AT = 20;

/** What the activity log says of the last time that this credential was to be connected; null: nothing. */
export async function outcomeOf(id: string): Promise<Answer<Outcome | null>> {
  const answer = await api.get<Page<Entry>>('/activity', { targetId: id, limit: LOOKED_AT });
  if (!answer.ok) {
    return answer;
  }
  const last = answer.value.items.find((entry) => ENDINGS.includes(entry.action));
  return { ...answer, value: last ? told(last) : null };
}

function told(last: Entry): Outcome {
  const said = (field: string): unknown => last.changes.find((change) => change.field === field)?.after ?? null;
  const lost = said('scopesLost');
  return {
    connected: last.action === 'credential.connected',
    reason: String(said(last.action === 'credential.connected' ? 'status' : 'reason') ?? ''),
    detail: typeof said('detail') === 'string' ? said('detail') as string : null,
    scopesLost: Array.isArray(lost) ? lost.map(String) : [],
    sameAccountUnknown: said('sameAccount') === 'unknown',
  };
}

/**
 * Above the credential, until it is closed.
 *
 * @param before whether something was connected before
 */
export function outcomeBanner(outcome: Outcome, before: boolean, close: () => void): TemplateResult {
  const failed = `credentials.outcome.${outcome.reason}`;
  const good = outcome.connected && outcome.reason === 'green' && outcome.scopesLost.length === 0;
  return html`<div class="banner banner-${good ? 'good' : 'warning'} outcome" role="alert" tabindex="-1" data-outcome=${outcome.connected ? 'connected' : outcome.reason}>${icon(good ? 'check' : 'warning')}
    <div class="banner-text"><strong>${t(outcome.connected ? good ? 'credentials.outcome.connected' : 'credentials.outcome.connectedBut' : 'credentials.outcome.notConnected')}</strong>
      ${outcome.connected ? nothing : html`<p>${isTextKey(failed) ? t(failed) : t('credentials.outcome.other')}${outcome.detail && outcome.reason === 'provider-error' ? html` <code>${outcome.detail}</code>` : nothing}</p>
        ${before ? html`<p>${t('credentials.outcome.stands')}</p>` : nothing}`}
      ${good ? html`<p>${t('credentials.outcome.passed')}</p>` : nothing}
      ${outcome.scopesLost.length > 0 ? html`<p>${t('credentials.outcome.scopesLost', { scopes: list(outcome.scopesLost) })}</p>` : nothing}
      ${outcome.sameAccountUnknown ? html`<p>${t('credentials.outcome.account')}</p>` : nothing}</div>
    <button type="button" class="icon-button" aria-label=${t('elements.close')} @click=${close}>${icon('close')}</button></div>`;
}
