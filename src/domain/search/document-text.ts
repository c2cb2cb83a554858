const LONGEST_TITLE = 300;

/** A title as it is stored: one line, not too long. */
export const asTitle = (title: string): string =>
  title.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TITLE).toWellFormed();

/** Text as a database takes it: no NUL, no half of a character, nor the mark of byte order that some editors put first. */
export const storable = (text: string): string =>
  text
    .replace(/^\uFEFF/, '')
    .replaceAll('\0', ' ')
    .toWellFormed();
