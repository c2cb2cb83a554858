import { type Parsed, SectionList } from './parsed.ts';

/** Reads plain text: its paragraphs. */
export function parseText(text: string): Parsed {
  const list = new SectionList();
  for (const paragraph of text.replace(/\r\n?/g, '\n').split(/\n[ \t]*\n/)) list.paragraph(paragraph);
  return { title: null, sections: list.sections };
}
