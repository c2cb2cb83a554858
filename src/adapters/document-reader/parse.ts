import type { Section } from '../../domain/search/chunk.ts';
import { asTitle } from '../../domain/search/document-text.ts';
import type { DocumentFormat } from '../../ports/document-reader.ts';
import { parseHtml } from './html.ts';
import { parseMarkdown } from './markdown.ts';
import { parseText } from './text.ts';

/** Reads a document of whatever form and content. Its title: what it calls itself, its first heading, or the first line of its text; empty without any. */
export function parseDocument(
  content: string,
  format: DocumentFormat,
): { title: string; sections: readonly Section[] } {
  const { title, sections } = parsers[format](content);
  const first = title ?? sections.find(({ heading }) => heading.trim() !== '')?.heading ?? firstLine(sections);
  return { title: asTitle(first), sections };
}

const parsers = { markdown: parseMarkdown, html: parseHtml, text: parseText } as const;

const firstLine = (sections: readonly Section[]): string =>
  sections
    .flatMap(({ paragraphs }) => paragraphs.slice(0, 1))[0]
    ?.trim()
    .split('\n', 1)[0] ?? '';
