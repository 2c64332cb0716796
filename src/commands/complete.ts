import type { Command, Option } from 'commander';

/** A word that may stand at the cursor. */
interface Candidate {
  readonly word: string;
  readonly note: string;
}

/** What may stand at the cursor; `files`: any path may too. */
interface Candidates {
  readonly words: readonly Candidate[];
  readonly files: boolean;
}

/**
 * What the words of a command line, of which the last is being typed, may go on with: a line each of word, tab and note, then `:0` where a
 * path may stand too, else `:4`. It is the protocol of Cobra's programs (`ShellCompDirective`), which kubectl reads from
 * `kubectl_complete-<plugin>`. `rules` gives the ids of policies and rules.
 */
export async function completions(
  root: Command,
  words: readonly string[],
  rules: () => Promise<readonly string[]>,
): Promise<string> {
  const { words: candidates, files } = await candidatesFor(root, words, rules);
  const lines = candidates.map(({ word, note }) => `${word}\t${note.replace(/\s+/g, ' ')}\n`);
  return `${lines.join('')}:${files ? 0 : 4}\n`;
}

async function candidatesFor(
  root: Command,
  words: readonly string[],
  rules: () => Promise<readonly string[]>,
): Promise<Candidates> {
  if (words.length > 1 && words[0] === 'help') return candidatesFor(root, words.slice(1), rules);
  let command = root;
  let open: Option | undefined;
  let arguments_ = 0;
  let isAfterDashes = false;
  let isAfterEquals = false;
  for (const word of words.slice(0, -1)) {
    isAfterEquals = word === '=';
    // bash cuts --flag=value into three words.
    if (isAfterEquals) continue;
    if (open !== undefined) open = undefined;
    else if (word === '--') isAfterDashes = true;
    else if (word.startsWith('-') && !isAfterDashes) open = word.includes('=') ? undefined : openOption(command, word);
    else {
      const next = arguments_ === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
      if (next === undefined) arguments_ += 1;
      else command = next;
    }
  }
  const last = words.at(-1) ?? '';
  const typed = last === '=' ? '' : last;
  if (open !== undefined) return valuesOf(open, typed, '');
  // A file behind -o FORMAT=.
  if (isAfterEquals) return { words: [], files: true };
  if (typed.startsWith('-') && !isAfterDashes) {
    const [flag = '', ...value] = typed.split('=');
    const option = value.length === 0 ? undefined : openOption(command, flag);
    return option === undefined ? flagsOf(command, typed) : valuesOf(option, value.join('='), `${flag}=`);
  }
  if (command.commands.length > 0 && arguments_ === 0) {
    const own = command.commands.map((candidate) => ({ word: candidate.name(), note: candidate.summary() }));
    return { words: starting(own, typed), files: false };
  }
  const { registeredArguments } = command;
  const argument = registeredArguments[arguments_] ?? registeredArguments.findLast(({ variadic }) => variadic);
  if (argument === undefined) return { words: [], files: false };
  const choices = argument.argChoices ?? (argument.name() === 'rule' ? await rules() : []);
  return { words: starting(choices.map(plain), typed), files: isPath(argument.name()) };
}

/** The option of a flag, when a value follows it. */
function openOption(command: Command, flag: string): Option | undefined {
  const option = command.options.find(({ long, short }) => long === flag || short === flag);
  return option?.required === true || option?.optional === true ? option : undefined;
}

function valuesOf(option: Option, typed: string, prefix: string): Candidates {
  const choices = (option.argChoices ?? []).map((word) => plain(`${prefix}${word}`));
  return { words: starting(choices, `${prefix}${typed}`), files: isPath(option.flags) };
}

function flagsOf(command: Command, typed: string): Candidates {
  const own = command.options.filter(({ hidden }) => !hidden);
  const flags = own.map(({ long, short, description }) => ({ word: long ?? short ?? '', note: description }));
  return { words: starting([...flags, { word: '--help', note: 'display help for command' }], typed), files: false };
}

function starting(candidates: readonly Candidate[], typed: string): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(typed));
}

function plain(word: string): Candidate {
  return { word, note: '' };
}

/** Whether a placeholder stands for a path. */
function isPath(name: string): boolean {
  return /\b(?:path|file|dir|folder|kubeconfig)\b/.test(name.replace('[=file]', ''));
}
