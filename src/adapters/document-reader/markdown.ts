import { Lexer, type Token, type Tokens } from 'marked';
import { parseHtml } from './html.ts';
import { type Parsed, SectionList } from './parsed.ts';
import { parseText } from './text.ts';

/** Quotes and lists within one another: the lexer goes through the rest of the text once for each, and one call deeper. */
const DEEPEST = 12;
const NESTED = new RegExp(
  `^((?:[ \\t]*(?:>|[-*+](?=[ \\t])|\\d{1,9}[.)](?=[ \\t]))){${DEEPEST}})[ \\t>*+\\-0-9.)]*`,
  'gm',
);
/** Indented deeper than any list: without its indentation it is the text that it was. */
const INDENTED = new RegExp(`^[ \\t]{${4 * DEEPEST},}`, 'gm');
/** Lexing emphasis and links costs up to the square of the length: what is longer is read as it stands. */
const LONGEST_INLINE = 4_000;

/** The lexer's expressions run out of stack on some millions of characters without an end of line. */
const LONGEST_LINE = 20_000;

/** Reads Markdown (GitHub's): its text by headings. A text that is too much for the lexer is read as plain text. */
export function parseMarkdown(markdown: string): Parsed {
  try {
    return read(withoutEndlessLines(markdown.replace(/\r\n?/g, '\n')));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return parseText(markdown);
  }
}

function withoutEndlessLines(text: string): string {
  const cut = (line: string): string =>
    line.length <= LONGEST_LINE ? line : (line.match(/.{1,20000}/gsu) ?? []).join('\n');
  return text.split('\n').map(cut).join('\n');
}

const FRONT_MATTER = /^---\n[\s\S]{0,10000}?\n---\n/;

function read(markdown: string): Parsed {
  const list = new SectionList();
  const source = markdown.replace(FRONT_MATTER, '').replace(NESTED, '$1 ').replace(INDENTED, '');
  for (const block of blocks(source)) blockText(block, list);
  return { title: null, sections: list.sections };
}

function blocks(source: string): Token[] {
  const lexer = new Lexer({ gfm: true });
  lexer.blockTokens(source, lexer.tokens);
  for (const { src, tokens } of lexer.inlineQueue)
    if (src.length <= LONGEST_INLINE) lexer.inlineTokens(src, tokens);
    else tokens.push({ type: 'text', raw: src, text: src });
  return lexer.tokens;
}

function blockText(token: Token, list: SectionList): void {
  switch (token.type) {
    case 'heading':
      list.heading((token as Tokens.Heading).depth, inlineText(token.tokens ?? []));
      break;
    case 'paragraph':
    case 'text':
      list.paragraph(token.tokens === undefined ? plain((token as Tokens.Text).text) : inlineText(token.tokens));
      break;
    case 'code':
      list.paragraph((token as Tokens.Code).text);
      break;
    case 'html':
      for (const { heading, paragraphs } of parseHtml((token as Tokens.HTML).text).sections)
        for (const text of [heading, ...paragraphs]) list.paragraph(text);
      break;
    case 'list':
      for (const item of (token as Tokens.List).items) for (const each of item.tokens) blockText(each, list);
      break;
    case 'blockquote':
      for (const each of token.tokens ?? []) blockText(each, list);
      break;
    case 'table':
      for (const row of [(token as Tokens.Table).header, ...(token as Tokens.Table).rows])
        list.paragraph(row.map((cell) => inlineText(cell.tokens)).join(' | '));
      break;
    default:
    // Spaces, rules, and definitions of links: nothing to read.
  }
}

const inlineText = (tokens: readonly Token[]): string => tokens.map(textOf).join('');

function textOf(token: Token): string {
  if (token.type === 'br') return '\n';
  if (token.type === 'html' || token.type === 'checkbox') return '';
  if (token.type === 'codespan') return (token as Tokens.Codespan).text;
  if ('tokens' in token && token.tokens !== undefined) return inlineText(token.tokens);
  return plain('text' in token ? String(token.text) : '');
}

/** With `&amp;` and its like read. */
const plain = (text: string): string =>
  text.replace(/&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});/gi, (entity) => {
    const [section] = parseHtml(entity).sections;
    return section?.paragraphs[0] ?? ' ';
  });
