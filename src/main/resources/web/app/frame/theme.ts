import { Signal } from './signal.js';

/** Light or dark: by the system unless the person says otherwise, which this browser remembers. */
export type Theme = 'system' | 'light' | 'dark';

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

const STORED = 'latchkey.theme';

export const theme = new Signal<Theme>(stored());

function stored(): Theme {
  try {
    return THEMES.find((each) => each === localStorage.getItem(STORED)) ?? 'system';
  } catch {
    return 'system'; // Storage can be forbidden, inside a frame for one.
  }
}

export function chooseTheme(wanted: Theme): void {
  try {
    localStorage.setItem(STORED, wanted);
  } catch {
    // Then it lasts as long as the page.
  }
  theme.value = wanted;
}

function show(wanted: Theme): void {
  if (wanted === 'system') {
    document.documentElement.removeAttribute('data-theme');
  } else {
    document.documentElement.setAttribute('data-theme', wanted);
  }
}

show(theme.value);
theme.watch(show);
