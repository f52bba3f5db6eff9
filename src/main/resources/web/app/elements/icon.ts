import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Line drawings on a grid of 24, drawn in the colour of the text. They say nothing that a text beside them does not. */
const drawings = {
  key: svg`<circle cx="8" cy="15.5" r="4.5"/><path d="M11.2 12.3 20 3.5M16 7.5l3 3M13.5 10l1.8 1.8"/>`,
  review: svg`<path d="M12 3 4.5 6v5.5c0 4.6 3.1 8 7.5 9.5 4.4-1.5 7.5-4.9 7.5-9.5V6L12 3Z"/><path d="m8.8 12 2.3 2.3 4.2-4.5"/>`,
  store: svg`<path d="M4.5 10.5V20h15v-9.5M3 8.5 5 4h14l2 4.5c0 1.4-1.2 2.5-2.6 2.5-1.3 0-2.2-.8-2.6-1.7-.6 1-1.9 1.7-3.8 1.7s-3.2-.7-3.8-1.7C7.8 10.2 6.9 11 5.6 11 4.2 11 3 9.9 3 8.5ZM9.5 20v-5h5v5"/>`,
  organization: svg`<path d="M4 20V5.5A1.5 1.5 0 0 1 5.5 4h7A1.5 1.5 0 0 1 14 5.5V20M14 10h4.5a1.5 1.5 0 0 1 1.5 1.5V20M2.5 20h19M7.5 8h3M7.5 12h3M7.5 16h3M17 14v.01M17 17v.01"/>`,
  search: svg`<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>`,
  menu: svg`<path d="M4 7h16M4 12h16M4 17h16"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  check: svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
  minus: svg`<path d="M6 12h12"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  down: svg`<path d="m6.5 9.5 5.5 5.5 5.5-5.5"/>`,
  updown: svg`<path d="m8 9.5 4-4 4 4M8 14.5l4 4 4-4"/>`,
  right: svg`<path d="m9.5 6.5 5.5 5.5-5.5 5.5"/>`,
  left: svg`<path d="M14.5 6.5 9 12l5.5 5.5"/>`,
  copy: svg`<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3"/>`,
  edit: svg`<path d="M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17l-1 3ZM14.5 7.5l3 3"/>`,
  trash: svg`<path d="M4.5 6.5h15M9.5 6.5V4.5a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v2M6.5 6.5l.8 12.2A1.5 1.5 0 0 0 8.8 20h6.4a1.5 1.5 0 0 0 1.5-1.3l.8-12.2M10.5 10.5v5.5M13.5 10.5v5.5"/>`,
  eye: svg`<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="3"/>`,
  eyeOff: svg`<path d="M4 4l16 16M9.9 5.8A9.5 9.5 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-2.9 3.6M6.3 7.3A16.5 16.5 0 0 0 2.5 12S6 18.5 12 18.5a9.4 9.4 0 0 0 4.6-1.2M9.9 9.9a3 3 0 0 0 4.2 4.2"/>`,
  refresh: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v5h-5"/>`,
  info: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.01"/>`,
  warning: svg`<path d="M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.01"/>`,
  error: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5v5.5M12 16v.01"/>`,
  more: svg`<path d="M6 12v.01M12 12v.01M18 12v.01" stroke-width="2.6"/>`,
  external: svg`<path d="M14 4h6v6M20 4l-9 9M18 14v4.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 4 18.5v-11A1.5 1.5 0 0 1 5.5 6H10"/>`,
  sun: svg`<circle cx="12" cy="12" r="4"/><path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1"/>`,
  moon: svg`<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z"/>`,
  display: svg`<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M9 20h6M12 16.5V20"/>`,
  language: svg`<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c5.5 5 5.5 12 0 17-5.5-5-5.5-12 0-17Z"/>`,
  signOut: svg`<path d="M14 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H14M10.5 12H21M17.5 8.5 21 12l-3.5 3.5"/>`,
  person: svg`<circle cx="12" cy="8.5" r="4"/><path d="M4.5 20c.8-3.9 3.8-5.5 7.5-5.5s6.7 1.6 7.5 5.5"/>`,
  lock: svg`<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>`,
  document: svg`<rect x="5" y="3.5" width="14" height="17" rx="2"/><path d="M9 8.5h6M9 12h6M9 15.5h3.5"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>`,
  filter: svg`<path d="M4 6h16M7 12h10M10.5 18h3"/>`,
  bell: svg`<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15l1.5-2ZM10 21h4"/>`,
  activity: svg`<path d="M4 5.5h.01M4 12h.01M4 18.5h.01M8.5 5.5H20M8.5 12H20M8.5 18.5H20"/>`,
  send: svg`<path d="M20.5 3.5 3 10.5l7 3 3 7 7.5-17ZM10 13.5l4.5-4.5"/>`,
  plug: svg`<path d="M9 3v5M15 3v5M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0V8ZM12 17v4"/>`,
  webhook: svg`<path d="M9.2 10.8a4 4 0 1 1 5.6-5.2M9.2 10.8 6 16.5M6.5 12.6a4 4 0 1 0 4.6 4.4h6.4M13.6 8l3 5.6a4 4 0 1 1-2.2 6.9"/>`,
  link: svg`<path d="M10 14a4 4 0 0 0 5.7 0l3.3-3.3a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0L5 13.3A4 4 0 0 0 10.7 19l1.3-1.3"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof drawings;

export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${drawings[name]}</svg>`;
}
