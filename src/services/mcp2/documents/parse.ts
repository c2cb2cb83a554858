import type { Section } from '../../../domain/search/chunk.ts';
import { parseHtml } from './html.ts';
import { parseMarkdown } from './markdown.ts';
import { type Parsed, SectionList } from './parsed.ts';

const LONGEST_TITLE = 300;

/** Reads a document of whatever form and content. Its title: what it calls itself, its first heading, or the first line of its text; empty without any. */
export function parseDocument(
  content: string,
  format: 'markdown' | 'text' | 'html',
): { title: string; sections: readonly Section[] } {
  const { title, sections } = parsers[format](content);
  const first = title ?? sections.find(({ heading }) => heading.trim() !== '')?.heading ?? firstLine(sections);
  return { title: asTitle(first), sections };
}

const parsers = { markdown: parseMarkdown, html: parseHtml, text: parseText } as const;

function parseText(text: string): Parsed {
  const list = new SectionList();
  for (const paragraph of text.replace(/\r\n?/g, '\n').split(/\n[ \t]*\n/)) list.paragraph(paragraph);
  return { title: null, sections: list.sections };
}

const firstLine = (sections: readonly Section[]): string =>
  sections
    .flatMap(({ paragraphs }) => paragraphs.slice(0, 1))[0]
    ?.trim()
    .split('\n', 1)[0] ?? '';

/** A title as it is stored: one line, not too long. */
export const asTitle = (title: string): string =>
  title.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TITLE).toWellFormed();

/** Text as a database takes it: no NUL, no half of a character, nor the mark of byte order that some editors put first. */
export const storable = (text: string): string =>
  text
    .replace(/^\uFEFF/, '')
    .replaceAll('\0', ' ')
    .toWellFormed();
