import { html, type TemplateResult } from 'lit';
import '../elements/copy-button.js';
import { locale, t } from '../texts/texts.js';

/**
 * Documents as recipes are written: headings, paragraphs, tables, and indented blocks of commands with what they answer. Of
 * what stands within a line, code, strong words, names and links. Nothing else is read as anything else than text.
 */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

/** What a link of the document is here: an address with whether it is a file, or null, and then its text stands alone. */
export type Resolve = (target: string) => { readonly href: string; readonly file: boolean } | null;

const INDENT = '    ';
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)]+)\)/g;

export function read(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.split('\n');
  for (let at = 0; at < lines.length;) {
    const begin = at;
    const line = lines[at]!;
    const heading = /^(#+) (.*)/.exec(line);
    if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: heading[2]! });
      at += 1;
    } else if (line.startsWith(INDENT)) {
      while (at < lines.length && (lines[at]!.startsWith(INDENT) || (!lines[at]!.trim() && lines[at + 1]?.startsWith(INDENT)))) {
        at += 1;
      }
      blocks.push({ kind: 'code', text: lines.slice(begin, at).map((each) => each.slice(INDENT.length)).join('\n') });
    } else if (line.startsWith('|')) {
      while (lines[at]?.startsWith('|')) {
        at += 1;
      }
      blocks.push({ kind: 'table', rows: lines.slice(begin, at).filter((_, index) => index !== 1).map(cells) });
    } else if (line.trim()) {
      while (lines[at]?.trim() && (at === begin || !/^(#+ | {4}|\|)/.test(lines[at]!))) {
        at += 1;
      }
      blocks.push({ kind: 'paragraph', text: lines.slice(begin, at).join(' ') });
    } else {
      at += 1;
    }
  }
  return blocks;
}

function cells(row: string): string[] {
  return row.slice(1, row.lastIndexOf('|')).split('|').map((each) => each.trim());
}

/** The commands of a block, as a shell takes them; empty where it has none. */
export function commands(text: string): string {
  const found: string[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    open = line.startsWith('$ ') || (open && line.startsWith('  '));
    if (open) {
      found.push(line.startsWith('$ ') ? line.slice(2) : line);
    }
  }
  return found.join('\n');
}

/** All but the first heading, which is the page's. */
export function show(blocks: readonly Block[], resolve: Resolve): TemplateResult[] {
  return blocks.filter((block) => block.kind !== 'heading' || block.level > 1).map((block) => {
    switch (block.kind) {
      case 'heading':
        return html`<h2>${inline(block.text, resolve)}</h2>`;
      case 'paragraph':
        return html`<p>${inline(block.text, resolve)}</p>`;
      case 'code':
        return code(block.text);
      case 'table':
        return table(block.rows, resolve);
    }
  });
}

function code(text: string): TemplateResult {
  const toCopy = commands(text) || text;
  return html`<div class="recipe-code" lang=${locale.value}><pre class="code-block" tabindex="0" role="group" aria-label=${t('recipes.code')} translate="no"><code lang="en">${text}</code></pre>
    <lk-copy .text=${toCopy} .label=${t('recipes.copy')}></lk-copy></div>`;
}

function table(rows: readonly (readonly string[])[], resolve: Resolve): TemplateResult {
  const [head = [], ...body] = rows;
  return html`<div class="recipe-table" lang=${locale.value} tabindex="0" role="group" aria-label=${t('recipes.table')}><table lang="en">
    <thead><tr>${head.map((cell) => html`<th scope="col">${inline(cell, resolve)}</th>`)}</tr></thead>
    <tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${inline(cell, resolve)}</td>`)}</tr>`)}</tbody></table></div>`;
}

function inline(text: string, resolve: Resolve): unknown[] {
  const pieces: unknown[] = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, literal, strong, name, label, target] = found;
    pieces.push(text.slice(from, found.index));
    from = found.index + whole.length;
    if (literal !== undefined) {
      pieces.push(html`<code>${literal}</code>`);
    } else if (strong !== undefined) {
      pieces.push(html`<strong>${strong}</strong>`);
    } else if (name !== undefined) {
      pieces.push(html`<em>${name}</em>`);
    } else {
      pieces.push(link(label!, resolve(target!)));
    }
  }
  pieces.push(text.slice(from));
  return pieces;
}

function link(label: string, to: ReturnType<Resolve>): unknown {
  return !to ? label : to.file ? html`<a href=${to.href} download translate="no">${label}</a>` : html`<a href=${to.href}>${label}</a>`;
}
