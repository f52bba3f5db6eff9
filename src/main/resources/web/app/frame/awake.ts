import { durationSeconds } from '../texts/format.js';
import { session } from './session.js';

/**
 * Whether somebody is there. What asks by itself does so only then: it is no use of the session, which ends as it does without it
 * after a while in which the person does nothing.
 */

/** Of the session's idle time, for how long it is asked after the person has done something last. */
const AWAKE = 6;

let touchedAt = Date.now();
const waiting = new Set<() => void>();

for (const touch of ['pointerdown', 'keydown', 'focus'] as const) {
  addEventListener(touch, () => { touchedAt = Date.now(); wake(); }, { capture: true, passive: true });
}
document.addEventListener('visibilitychange', wake);

/** The person has done something lately. */
export function isAwake(): boolean {
  const idle = durationSeconds(session.value?.idleTimeout ?? '') ?? 0;
  return Date.now() - touchedAt < (idle * 1000) / AWAKE;
}

/** Does it once the page is in sight of somebody who is awake: now, or as soon as they are back. Returns what ends the waiting. */
export function onceAwake(act: () => void): () => void {
  if (isInSight()) {
    act();
  } else {
    waiting.add(act);
  }
  return () => { waiting.delete(act); };
}

function isInSight(): boolean {
  return document.visibilityState === 'visible' && isAwake();
}

function wake(): void {
  if (waiting.size > 0 && isInSight()) {
    const all = [...waiting];
    waiting.clear();
    all.forEach((act) => act());
  }
}
