import { Signal } from './signal.js';

/** What the page is about, such as the name of a key: stands in the title of the window before the page's own. A page sets it when it knows. */
export const subject = new Signal<string | null>(null);
