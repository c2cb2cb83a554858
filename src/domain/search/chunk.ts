/** A part of a document from one heading to the next. */
export interface Section {
  /** 1 to 6; 0: what stands before the first heading. */
  readonly level: number;
  readonly heading: string;
  /** Its paragraphs, list items and code blocks, as text. */
  readonly paragraphs: readonly string[];
}

/** A passage of a document: what a search finds. */
export interface Chunk {
  /** Outermost first. */
  readonly headings: readonly string[];
  readonly content: string;
}

/** Characters. Smaller neighbours are put together, larger ones are cut at paragraphs, sentences or words. */
const SMALL = 200;
const LARGE = 1_200;
const LONGEST_HEADING = 200;

interface Passage {
  readonly path: readonly string[];
  readonly text: string;
  /** Its own heading stands at its beginning already. */
  readonly headed: boolean;
}

/** Cuts a document into passages along its headings, in order: none is empty, none longer than 1,200 characters. */
export function chunksOf(sections: readonly Section[]): Chunk[] {
  const chunks: Chunk[] = [];
  let small: Passage | null = null;
  const keep = ({ path, text }: Passage): void => {
    for (const content of cut(text)) chunks.push({ headings: path, content });
  };
  for (const passage of passages(sections)) {
    const joined: Passage | null = small === null ? null : together(small, passage);
    if (joined !== null && joined.text.length <= 2 * SMALL) small = joined;
    else {
      if (small !== null) keep(small);
      small = passage;
    }
    if (small.text.length < SMALL) continue;
    keep(small);
    small = null;
  }
  if (small !== null) keep(small);
  return chunks;
}

function* passages(sections: readonly Section[]): Generator<Passage> {
  const open: { level: number; heading: string }[] = [];
  for (const [i, { level, heading, paragraphs }] of sections.entries()) {
    while (open.length > 0 && open.at(-1)!.level >= level) open.pop();
    const short = clean(heading).slice(0, LONGEST_HEADING).trim();
    if (level > 0) open.push({ level, heading: short });
    const path = open.map((each) => each.heading).filter((each) => each !== '');
    const body = [...(short === clean(heading) ? [] : [heading]), ...paragraphs]
      .map(clean)
      .filter((each) => each !== '');
    if (body.length > 0) yield { path, text: body.join('\n\n'), headed: false };
    // A heading with nothing below it says something all the same; one with parts below it stands in their paths.
    else if (short !== '' && (sections[i + 1]?.level ?? 0) <= level) yield { path, text: short, headed: true };
  }
}

/** Two neighbours as one, below the headings that they share; the others stand in the text. */
function together(a: Passage, b: Passage): Passage {
  let shared = 0;
  while (shared < a.path.length && a.path[shared] === b.path[shared]) shared += 1;
  const path = a.path.slice(0, shared);
  const own = (passage: Passage): string =>
    [...passage.path.slice(shared, passage.headed ? -1 : undefined), passage.text].join('\n');
  return { path, text: `${own(a)}\n\n${own(b)}`, headed: false };
}

const clean = (text: string): string =>
  text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** In pieces of at most `LARGE` characters, each cut at the coarsest boundary in its second half. */
function* cut(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > LARGE) {
    const piece = text.slice(from, from + LARGE + 1);
    const at = boundary(piece);
    const content = piece.slice(0, at).trim();
    if (content !== '') yield content;
    from += at;
  }
  const rest = text.slice(from).trim();
  if (rest !== '') yield rest;
}

function boundary(piece: string): number {
  for (const mark of ['\n\n', '\n', '. ', ' ']) {
    const at = piece.lastIndexOf(mark, LARGE - mark.length);
    if (at >= LARGE / 2) return at + mark.length;
  }
  // Not between the halves of a character.
  return /[\uD800-\uDBFF]/.test(piece[LARGE - 1]!) ? LARGE - 1 : LARGE;
}
