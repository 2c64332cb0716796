/** Exit codes of every command; when several apply the highest is used. */
export const EXIT = { clean: 0, findings: 1, usage: 2, input: 3, cluster: 4 } as const;

/**
 * Everything that can be wrong with what an operator gives: one line of what is wrong and where, one of what to do. `{{hole}}` is filled
 * from the error's data. Codes are never reused; `test/repo` holds them against the README.
 */
export const ERRORS = {
  'usage/unknown-word': {
    exit: EXIT.usage,
    text: 'unknown {{what}} "{{word}}"{{nearest}}',
    help: 'see gateward --help',
  },
  'usage/invalid': { exit: EXIT.usage, text: '{{problem}}', help: 'see gateward {{command}} --help' },
  'settings/invalid': {
    exit: EXIT.usage,
    text: '{{problem}}',
    help: 'mend .gateward.yaml or the GATEWARD_ variable',
  },
  'policies/unreadable': {
    exit: EXIT.usage,
    text: '{{file}}: {{problem}}',
    help: 'name a readable file or directory of policy documents with --policies',
  },
  'policies/invalid': {
    exit: EXIT.usage,
    text: '{{where}}: {{problem}}',
    help: 'mend the document; gateward policies lists the kinds',
  },
  'policies/none': {
    exit: EXIT.usage,
    text: 'no policy documents in {{where}}',
    help: 'name a directory with --policies; policies/baseline.yaml is safe to start with',
  },
  'input/unreadable': { exit: EXIT.input, text: '{{file}}: {{problem}}', help: 'name readable files or directories' },
  'input/unparsable': {
    exit: EXIT.input,
    text: '{{where}}: {{problem}}',
    help: 'mend the file; the others were judged',
  },
  'input/too-large': { exit: EXIT.input, text: '{{file}}: larger than {{limit}}', help: 'split the file' },
  'input/too-many': {
    exit: EXIT.input,
    text: 'more than {{most}} objects; {{beyond}} were left out',
    help: 'judge them in parts',
  },
  'input/none': {
    exit: EXIT.input,
    text: 'no Gateway API objects in {{where}}',
    help: 'leave out --require-resources, or name other paths',
  },
  'output/unwritable': {
    exit: EXIT.usage,
    text: '{{file}}: cannot be written: {{problem}}',
    help: 'name a file that can be written',
  },
  'serve/certificate': {
    exit: EXIT.usage,
    text: '{{file}}: {{problem}}',
    help: 'gateward certs dev makes a pair to try; certs/README.md has the others',
  },
  'serve/address': {
    exit: EXIT.usage,
    text: 'cannot listen on {{address}}: {{problem}}',
    help: 'choose another with --port or --host',
  },
  'serve/claims': {
    exit: EXIT.usage,
    text: '{{document}}: claims: Enforce needs {{needs}}',
    help: 'give serve what is missing, or set claims: Disabled in the document',
  },
  'enforcement/not-installed': {
    exit: EXIT.cluster,
    text: 'the cluster has no ValidatingWebhookConfiguration {{name}}',
    help: 'install Gateward first; deploy/README.md says how',
  },
  'enforcement/no-answer': {
    exit: EXIT.cluster,
    text: '{{problem}}',
    help: 'nothing was changed; see to it that the API server reaches Gateward, and try again',
  },
  'cluster/unreachable': {
    exit: EXIT.cluster,
    text: '{{server}}: {{problem}}',
    help: 'check --kubeconfig and --context, and that the API server answers',
  },
  'cluster/unauthenticated': {
    exit: EXIT.cluster,
    text: '{{server}}: does not know who asks: there is no login, or it has expired',
    help: 'log in again, or name another with --kubeconfig or --context',
  },
  'cluster/forbidden': {
    exit: EXIT.cluster,
    text: '{{server}}: may not {{verb}} {{resource}}',
    help: 'ask with an account that may; gateward manifests rbac prints the rights that reading needs',
  },
} as const;

/** A code of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** A mistake of whoever runs Gateward, to be told in one line without a stack trace. */
export class OperatorError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly help: string;

  /** `data` fills the holes of the code's text and help. */
  constructor(code: ErrorCode, data: Readonly<Record<string, string | number>>, cause?: unknown) {
    const { text, help, exit } = ERRORS[code];
    super(fillHoles(text, data), { cause });
    this.name = 'OperatorError';
    this.code = code;
    this.exitCode = exit;
    this.help = fillHoles(help, data);
  }
}

/** What something that was thrown says, be it an error or not. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** An error as the command line tells it: what is wrong and where, then what to do. */
export function tellError({ message, help, code }: OperatorError): string {
  return `error: ${message}\n  ${help} [${code}]\n`;
}

/** The same in one line, for an input of several, when the others are judged without it. */
export function tellInput({ message, help, code }: OperatorError): string {
  return `error: ${message}; ${help} [${code}]\n`;
}

/** Why a file or directory could not be written, by the code of the system. */
const UNWRITABLE = new Map<unknown, string>([
  ['ENOENT', 'no such file or directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'no space is left'],
  ['EISDIR', 'is a directory'],
  ['EEXIST', 'is a file, not a directory'],
  ['ENOTDIR', 'what should be its directory is a file'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ELOOP', 'is a link that leads to itself'],
]);

/** Why a file or directory could not be written. */
export function writeProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return UNWRITABLE.get(code) ?? errorText(error);
}

function fillHoles(text: string, data: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_hole, name: string) => (Object.hasOwn(data, name) ? String(data[name]) : ''));
}

/** The word nearest to one that is unknown, as `; did you mean "…"?`, or nothing when none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = nearestOf(word, known);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}

/** The word nearest to one that is unknown; undefined when none is near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Levenshtein distance with neighbouring swaps, given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? limit;
}
