import { join, relative } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isCallExpression,
  isExpressionStatement,
  isFunctionExpression,
  isNewExpression,
  isPropertyAccessExpression,
  isVoidExpression,
} from 'typescript/unstable/ast/is';
import { API, type Checker, type Project, SignatureKind, type Type, TypeFlags } from 'typescript/unstable/sync';
import type { Violation } from './source.ts';

const MARK = /\/\/ detached: \S/;
const ABOVE = /^\s*\/\/ detached: \S/;
/** Has a `then` for those who want to await that it was sent; nobody needs to. */
const NO_PROMISE = new Set(['FastifyReply']);
/** Keeps a promise: `=`, `??=` and their like. */
const ASSIGNS = /^(=|\?\?=|\|\|=|&&=)$/;

interface Found {
  readonly node: Node;
  readonly rule: 'floating' | 'detached' | 'callback';
}

const MESSAGES: Readonly<Record<Found['rule'], string>> = {
  floating: 'a promise that nobody awaits: its failure, and that it is not done yet, go by unseen',
  detached: '`void` of a promise needs `// detached: <reason>`: why nobody waits, and who hears of a failure',
  callback: 'a function that gives a promise, where nobody takes one: await in it, or say `// detached: <reason>`',
};

// The compiler's own interface is marked unstable: where a later version changes it, this check does not compile, or throws.
/**
 * Promises of which nobody takes notice, in all files of the project at `root/tsconfig.json`, by the compiler's types: statements, functions
 * given where no result is taken, and `void` without a mark `// detached: <reason>` on its line or the one above. A mark without need is a
 * violation too. Handled are `.catch(f)`, `.then(f, g)` and either's `.finally(f)`.
 */
export function checkPromises(root: string): Violation[] {
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects()[0];
    if (project === undefined || project.rootFiles.length === 0) throw new Error(`no project at ${root}/tsconfig.json`);
    return project.rootFiles.flatMap((file) => checkFile(project, file, relative(root, file).replaceAll('\\', '/')));
  } finally {
    api.close();
  }
}

function checkFile({ program, checker }: Project, file: string, path: string): Violation[] {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`the compiler does not have ${path}`);
  const lines = source.text.split('\n');
  const lineOf = (at: number): number => source.text.slice(0, at).split('\n').length;
  const needed = new Set<number>();
  const violations: Violation[] = [];
  for (const { node, rule } of promisesIn(source, checker)) {
    const line = lineOf(node.getStart(source));
    const own = MARK.test(lines[line - 1] ?? '') ? line : undefined;
    const mark = own ?? (ABOVE.test(lines[line - 2] ?? '') ? line - 1 : undefined);
    if (mark !== undefined && rule !== 'floating') needed.add(mark);
    else violations.push({ path, line, rule, message: MESSAGES[rule] });
  }
  lines.forEach((text, i) => {
    if (MARK.test(text) && !needed.has(i + 1) && !isQuoted(text))
      violations.push({ path, line: i + 1, rule: 'stale-mark', message: 'nothing here needs // detached' });
  });
  return violations;
}

/** A mark within a string: planted, or a message. */
const isQuoted = (line: string): boolean => /['"`].*\/\/ detached: /.test(line);

function promisesIn(source: Node, checker: Checker): Found[] {
  const statements: Node[] = [];
  const voids: Node[] = [];
  const functions: Node[] = [];
  const visit = (node: Node): undefined => {
    if (isExpressionStatement(node)) statements.push(node.expression);
    else if (isVoidExpression(node)) voids.push(node.expression);
    else if (isCallExpression(node) || isNewExpression(node))
      functions.push(...(node.arguments ?? []).filter((each) => isArrowFunction(each) || isFunctionExpression(each)));
    node.forEachChild(visit);
  };
  source.forEachChild(visit);
  const promised = (nodes: readonly Node[]): Node[] => {
    const types = checker.getTypeAtLocation(nodes);
    return nodes.filter((_, i) => isPromise(types[i], checker));
  };
  return [
    ...promised(statements)
      .filter((node) => !isKept(node) && !isHandled(node))
      .map((node) => ({ node, rule: 'floating' }) as const),
    ...promised(voids).map((node) => ({ node, rule: 'detached' }) as const),
    ...functions.filter((node) => isLost(node, checker)).map((node) => ({ node, rule: 'callback' }) as const),
  ];
}

/** Whether a value of the type is, or may be, a promise, or an array of them. */
function isPromise(type: Type | undefined, checker: Checker, within: 'array' | null = null): boolean {
  if (type === undefined) return false;
  if (type.isUnionType()) return type.getTypes().some((each) => isPromise(each, checker, within));
  if (NO_PROMISE.has(type.getSymbol()?.name ?? '')) return false;
  // One level: arrays of arrays, as JSON has them, have no end.
  if (checker.isArrayType(type))
    return within === null && checker.getTypeArguments(type as never).some((each) => isPromise(each, checker, 'array'));
  return checker.getPropertyOfType(type, 'then') !== undefined;
}

const isKept = (node: Node): boolean =>
  node.kind === SyntaxKind.BinaryExpression &&
  ASSIGNS.test((node as Node & { operatorToken: Node }).operatorToken.getText());

function isHandled(node: Node): boolean {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
  const { name, expression } = node.expression;
  if (name.text === 'catch') return node.arguments.length > 0;
  if (name.text === 'then') return node.arguments.length > 1;
  return name.text === 'finally' && isHandled(expression);
}

/** Whether a function gives a promise to one who takes nothing, as `forEach` does. */
function isLost(node: Node, checker: Checker): boolean {
  const wanted = checker.getContextualType(node as never);
  if (wanted === undefined || !results(node, checker).some((type) => isPromise(type, checker))) return false;
  const taken = resultsOf(checker.getNonNullableType(wanted) ?? wanted, checker);
  return taken.length > 0 && taken.every((type) => (type.flags & TypeFlags.Void) !== 0);
}

const results = (node: Node, checker: Checker): Type[] => {
  const type = checker.getTypeAtLocation(node);
  return type === undefined ? [] : resultsOf(type, checker);
};

const resultsOf = (type: Type, checker: Checker): Type[] =>
  checker
    .getSignaturesOfType(type, SignatureKind.Call)
    .map((signature) => checker.getReturnTypeOfSignature(signature))
    .filter((each) => each !== undefined);
