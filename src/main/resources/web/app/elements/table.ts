import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

/** A column: what stands at its head and in its cells. On a narrow page a row becomes a card, with the heads beside the values. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => TemplateResult | string | number | typeof nothing;
  /** The cell that names the row: a row header for screen readers, the card's title on narrow pages. */
  readonly names?: boolean;
  /** Its head is for screen readers alone: actions, pictures. */
  readonly quiet?: boolean;
  readonly align?: 'end';
  /** Left out where there is little room: 'wide' below 90rem, 'medium' below 72rem. */
  readonly from?: 'medium' | 'wide';
}

export interface Table<T> {
  /** What the rows are, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  /** Instead of `rows`: rows under headings. */
  readonly groups?: readonly { readonly label: string; readonly rows: readonly T[] }[];
  readonly key: (row: T) => unknown;
  readonly busy?: boolean;
  readonly rowClass?: (row: T) => string;
}

export function table<T>({ caption, columns, rows, groups, key, busy, rowClass }: Table<T>): TemplateResult {
  const classes = (column: Column<T>): string =>
    [column.names ? 'names' : '', column.align ? 'align-end' : '', column.from ? `from-${column.from}` : '', column.quiet ? 'quiet' : ''].filter(Boolean).join(' ');
  const one = (row: T): TemplateResult => html`<tr role="row" class=${rowClass?.(row) ?? nothing}>${columns.map((column) => (column.names
    ? html`<th role="rowheader" scope="row" class=${classes(column)}>${column.cell(row)}</th>`
    : html`<td role="cell" class=${classes(column)} data-head=${column.head}>${column.cell(row)}</td>`))}</tr>`;
  // The roles are said, since what the narrow look does to `display` takes them away.
  return html`<div class="table-frame" aria-busy=${busy ? 'true' : 'false'}><table class="table" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th role="columnheader" scope="col" class=${classes(column)}>
      ${column.quiet ? html`<span class="visually-hidden">${column.head}</span>` : column.head}</th>`)}</tr></thead>
    ${groups
      ? groups.map((group) => html`<tbody role="rowgroup"><tr role="row" class="group-row"><th role="rowheader" scope="rowgroup" colspan=${columns.length}>
          ${group.label} <span class="count">${group.rows.length}</span></th></tr>${repeat(group.rows, key, one)}</tbody>`)
      : html`<tbody role="rowgroup">${repeat(rows, key, one)}</tbody>`}
  </table></div>`;
}
