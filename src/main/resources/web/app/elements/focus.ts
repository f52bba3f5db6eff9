/**
 * To be called once the page is drawn anew: what had the focus may be gone with what was changed. Then it goes to what stands in its
 * place, and not to the document, where nobody finds it again by keyboard.
 */
export function keepFocus(instead: HTMLElement | null): void {
  if (document.activeElement === null || document.activeElement === document.body) {
    instead?.focus({ preventScroll: true });
  }
}
