import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { number } from '../texts/format.js';
import { t } from '../texts/texts.js';
import type { DeliveryPhases } from './delivery.js';

/** What was sent and what came back, as a terminal shows it; and how long each step took. */
export interface Sent {
  readonly url: string;
  /** null where they are not known. */
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: unknown;
}

export interface Answered {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly truncated: boolean;
}

const STEPS = ['dns', 'connect', 'tls', 'wait', 'transfer'] as const;
type Step = (typeof STEPS)[number];

interface Part {
  readonly step: Step;
  readonly millis: number;
  /** It ended here. */
  readonly failed: boolean;
}

/** In which step an attempt ended, by its error; what is not here ended after the answer's head, or before anything began. */
const ENDED_IN: Readonly<Record<string, Step>> = {
  'timeout-dns': 'dns', 'connection-refused': 'connect', 'timeout-connect': 'connect', 'timeout-tls': 'tls', tls: 'tls', 'certificate-expired': 'tls',
  'certificate-name-mismatch': 'tls', 'certificate-untrusted': 'tls', 'timeout-response': 'wait', 'timeout-body': 'transfer',
};

/** The steps that were reached, in order. What the phases leave of the whole is the step in which it ended, or the answer's way. */
function partsOf(phases: DeliveryPhases, durationMs: number, error: string | null): Part[] {
  const known: Partial<Record<Step, number | null>> = { dns: phases.dnsMs, connect: phases.connectMs, tls: phases.tlsMs, wait: phases.firstByteMs };
  const ended = (error === null ? undefined : ENDED_IN[error]) ?? (phases.firstByteMs === null ? 'wait' : 'transfer');
  const failed = error !== null && (error in ENDED_IN || error === 'connection-broken');
  const left = Math.max(0, durationMs - Object.values(known).reduce<number>((sum, millis) => sum + (millis ?? 0), 0));
  return STEPS.map((step) => ({ step, millis: (known[step] ?? 0) + (step === ended ? left : 0), failed: failed && step === ended }))
    .filter(({ step, millis, failed: here }) => known[step] != null || here || (step === ended && millis > 0));
}

/** "4.1 ms", "87 ms", "15 s". */
export function tookText(millis: number): string {
  return millis >= 1000 ? t('deliveries.s', { s: number(Math.round(millis / 100) / 10) })
    : t('deliveries.ms', { ms: number(millis < 10 ? Math.round(millis * 10) / 10 : Math.round(millis)) });
}

/** A bar of the steps, and their numbers below it. */
export function phasesOf(phases: DeliveryPhases, durationMs: number, error: string | null): TemplateResult | typeof nothing {
  const parts = partsOf(phases, durationMs, error);
  if (parts.length === 0) {
    return nothing;
  }
  const whole = Math.max(parts.reduce((sum, { millis }) => sum + millis, 0), Number.MIN_VALUE);
  return html`<div class="phases">
    <svg class="phases-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${bars(parts, whole)}</svg>
    <dl class="phases-list">${parts.map(({ step, millis, failed }) => html`<div data-phase=${step} class=${failed ? 'phase-failed' : nothing}>
      <dt><span class="phase-mark phase-${step}" aria-hidden="true"></span>${t(`deliveries.phase.${step}`)}</dt>
      <dd>${tookText(millis)}${failed ? html` <strong>${t('deliveries.phase.failed')}</strong>` : nothing}</dd></div>`)}
      <div class="phase-whole"><dt>${t('deliveries.phase.whole')}</dt><dd>${tookText(durationMs)}</dd></div></dl></div>`;
}

/** One that is too short to be seen is a hair wide all the same. */
function bars(parts: readonly Part[], whole: number): SVGTemplateResult[] {
  const least = 8;
  const shares = parts.map(({ millis }) => Math.max(least, (millis / whole) * 1000));
  const scale = 1000 / shares.reduce((sum, share) => sum + share, 0);
  let at = 0;
  return parts.map(({ step, failed }, index) => {
    const width = shares[index]! * scale;
    const bar = svg`<rect class="phase-${step} ${failed ? 'phase-ended' : ''}" x=${at.toFixed(1)} y="0" width=${width.toFixed(1)} height="10"/>`;
    at += width;
    return bar;
  });
}

/** JSON as it is read best; other text as it came. */
export function readable(body: unknown): string {
  if (typeof body !== 'string') {
    return JSON.stringify(body, null, 2);
  }
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? JSON.stringify(parsed, null, 2) : body;
  } catch {
    return body;
  }
}

function requestLine(url: string): string {
  return `POST ${url}`;
}

/** What was sent. */
export function sentLines({ url, headers, body }: Sent): TemplateResult {
  return html`<section class="terminal-part" aria-label=${t('deliveries.sent')} data-part="sent">
    <p class="terminal-line terminal-first" translate="no"><span class="terminal-sign" aria-hidden="true">&gt;</span><span><strong>POST</strong> ${url}</span></p>
    ${headers ? headerLines(headers, '>') : nothing}
    ${bodyBlock(readable(body), t('deliveries.sentBody'))}</section>`;
}

/** What came back. */
export function answeredLines(answer: Answered): TemplateResult {
  const tone = answer.statusCode >= 200 && answer.statusCode < 300 ? 'good' : 'bad';
  return html`<section class="terminal-part" aria-label=${t('deliveries.received')} data-part="received">
    <p class="terminal-line terminal-first" translate="no"><span class="terminal-sign" aria-hidden="true">&lt;</span><span>HTTP <strong class="terminal-${tone}" data-status>${answer.statusCode}</strong></span></p>
    ${headerLines(answer.headers, '<')}
    ${answer.body === '' ? html`<p class="terminal-note">${t('deliveries.noBody')}</p>` : bodyBlock(answer.truncated ? answer.body : readable(answer.body), t('deliveries.receivedBody'))}
    ${answer.truncated ? html`<p class="terminal-note" data-truncated>${t('deliveries.truncated')}</p>` : nothing}</section>`;
}

function headerLines(headers: Readonly<Record<string, string>>, sign: string): TemplateResult[] {
  return Object.entries(headers).map(([name, value]) => html`<p class="terminal-line" translate="no"><span class="terminal-sign" aria-hidden="true">${sign}</span><span><span class="terminal-name">${name}:</span> ${value}</span></p>`);
}

/** It scrolls by itself, also by keys. */
function bodyBlock(text: string, label: string): TemplateResult {
  return html`<div class="terminal-body" tabindex="0" role="region" aria-label=${label}><pre translate="no">${text}</pre></div>`;
}

/** All of it as text, to be sent to whoever keeps the receiver. */
export function transcript(sent: Sent, answer: Answered | null, remarks: readonly string[]): string {
  const headers = (all: Readonly<Record<string, string>> | null): string[] => Object.entries(all ?? {}).map(([name, value]) => `${name}: ${value}`);
  return [
    requestLine(sent.url), ...headers(sent.headers), '', readable(sent.body), '',
    ...(answer ? [`HTTP ${answer.statusCode}`, ...headers(answer.headers), '', answer.body, ...(answer.truncated ? ['…'] : []), ''] : []),
    ...remarks.map((remark) => `# ${remark}`),
  ].join('\n');
}
