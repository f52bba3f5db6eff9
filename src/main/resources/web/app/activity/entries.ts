import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../elements/icon.js';
import { clock, dayName, exactTime, number } from '../texts/format.js';
import { rich, t } from '../texts/texts.js';
import { changesOf, summaryOf } from './changes.js';
import { actorText, iconOf, sentenceOf, type Entry } from './entry.js';

/** Entries under the days on which they were made, each a sentence whose details unfold. */
export function entriesByDay(entries: readonly Entry[], busy: boolean): TemplateResult {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = new Date(entry.at).toDateString();
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return html`<div class="days" aria-busy=${busy ? 'true' : 'false'}>${repeat(days, ([day]) => day, ([day, made]) => {
    const heading = `day-${new Date(day).getTime()}`;
    return html`<section class="day" aria-labelledby=${heading}><h2 id=${heading}>${dayName(made[0]!.at)}</h2>
      <ol class="card activity">${repeat(made, (entry) => entry.id, one)}</ol></section>`;
  })}</div>`;
}

function one(entry: Entry): TemplateResult {
  return html`<li data-action=${entry.action} data-entry=${entry.id}>
    <span class="activity-icon">${icon(iconOf(entry.action))}</span>
    <div class="activity-said"><p>${sentenceOf(entry)}${entry.ip ? html` <span class="muted">${rich('activity.from', { ip: html`<code>${entry.ip}</code>` })}</span>` : nothing}</p>
      <details class="activity-more"><summary>${summaryOf(entry)}</summary>
        ${entry.changes.length > 0 ? changesOf(entry) : nothing}
        ${facts(entry)}</details></div>
    <time class="activity-when" datetime=${entry.at} title=${exactTime(entry.at)}>${clock(entry.at)}</time></li>`;
}

/** What is told of every entry, and the ways to further ones. */
function facts({ at, requestId, position, actor, target }: Entry): TemplateResult {
  return html`<dl class="changes activity-facts">
      <div><dt>${t('activity.entry.at')}</dt><dd>${exactTime(at)}</dd></div>
      <div><dt>${t('activity.entry.position')}</dt><dd>${position === null ? t('activity.entry.unlinked') : number(position)}</dd></div>
      ${requestId ? html`<div><dt>${t('activity.entry.request')}</dt><dd><code>${requestId}</code></dd></div>` : nothing}</dl>
    <p class="activity-ways"><a href="/activity?targetId=${encodeURIComponent(target.id)}">${t('activity.entry.ofTarget', { name: target.name })}</a>
      <a href="/activity?actor=${encodeURIComponent(actor.id)}">${t('activity.entry.ofActor', { name: actorText(actor) })}</a></p>`;
}
