import type { Section } from '../../domain/search/chunk.ts';

/** What a format's reader makes of a document. */
export interface Parsed {
  /** What the document calls itself apart from its headings (HTML's `<title>`), or null. */
  readonly title: string | null;
  readonly sections: readonly Section[];
}

/** Collects sections in the order of a document. */
export class SectionList {
  readonly sections: { level: number; heading: string; paragraphs: string[] }[] = [
    { level: 0, heading: '', paragraphs: [] },
  ];

  heading(level: number, heading: string): void {
    this.sections.push({ level, heading, paragraphs: [] });
  }

  paragraph(text: string): void {
    if (text.trim() !== '') this.sections.at(-1)!.paragraphs.push(text);
  }
}
