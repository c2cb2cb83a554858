import { Parser } from 'htmlparser2';
import { type Parsed, SectionList } from './parsed.ts';

/** Nothing in these is for the reader of the page. */
const DROPPED = new Set([
  'script',
  'style',
  'nav',
  'noscript',
  'template',
  'svg',
  'iframe',
  'object',
  'head',
  'form',
  'button',
  'select',
]);
/** These stand within a line; each other element ends a paragraph. */
const INLINE = new Set(
  'a abbr b bdi bdo big cite code del dfn em font i img ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
const CELLS = new Set(['td', 'th', 'dt']);
/** The parser looks for the tag that an end tag closes through all that are open: a page nested deeper than any real one is read as a line of words. */
const DEEPEST = 512;

class TooDeep extends Error {}

/** Reads a page: its text by headings, without scripts, styles and navigation. Broken markup is read as browsers do, more or less. */
export function parseHtml(html: string): Parsed {
  try {
    return read(html);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    const list = new SectionList();
    list.paragraph(html.replace(/<[^<>]*>?/g, ' '));
    return { title: null, sections: list.sections };
  }
}

function read(html: string): Parsed {
  const list = new SectionList();
  let title = '';
  let text = '';
  let depth = 0;
  let inTitle = false;
  let heading = 0;
  /** Open elements of which nothing is read. */
  let dropped = 0;
  const flush = (): void => {
    if (heading > 0) list.heading(heading, text.replace(/\s+/g, ' ').trim());
    else list.paragraph(text);
    text = '';
  };
  let preformatted = 0;
  const parser = new Parser(
    {
      onopentagname(name) {
        depth += 1;
        if (depth > DEEPEST) throw new TooDeep();
        if (name === 'title' && title === '') inTitle = true;
        if (DROPPED.has(name)) dropped += 1;
        if (dropped > 0) return;
        if (name === 'br') text += '\n';
        else if (CELLS.has(name)) text += ' ';
        else if (!INLINE.has(name)) {
          flush();
          heading = levelOf(name) ?? 0;
          if (name === 'pre') preformatted += 1;
        }
      },
      ontext(data) {
        if (inTitle) title += data;
        else if (dropped === 0) text += preformatted > 0 ? data : data.replace(/\s+/g, ' ');
      },
      onclosetag(name) {
        depth -= 1;
        if (name === 'title') inTitle = false;
        if (DROPPED.has(name)) {
          dropped -= 1;
          return;
        }
        if (dropped > 0 || INLINE.has(name) || CELLS.has(name) || name === 'br') return;
        flush();
        heading = 0;
        if (name === 'pre') preformatted -= 1;
      },
    },
    { decodeEntities: true },
  );
  parser.write(html);
  parser.end();
  flush();
  return { title: title.replace(/\s+/g, ' ').trim() || null, sections: list.sections };
}

const levelOf = (name: string): number | null => (/^h[1-6]$/.test(name) ? Number(name[1]) : null);
