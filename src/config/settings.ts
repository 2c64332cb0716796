import { valueAt } from '#gateway';
import { documentIssues } from '#policy';
import { z } from 'zod';
import { didYouMean } from '../errors.ts';
import { readYaml } from '../yaml/index.ts';
import { problemAt, type ConfigDocument, type ConfigProblem } from './document.ts';
import { meant } from './words.ts';

const FAIL_ON = ['deny', 'warn', 'audit', 'never'] as const;
const word = z.string().regex(/\S/, 'must not be empty');

/** What `.gateward.yaml` and the environment may set: options of commands by their long names, in camel case. */
const settingsSchema = z.strictObject({
  policies: z.array(word).optional(),
  output: z.array(word).optional(),
  failOn: z.enum(FAIL_ON).optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace')
    .optional(),
  baseline: word.optional(),
  requireResources: z.boolean().optional(),
  context: word.optional(),
});

/** Options that are set for a repository or a machine; see {@link settingsSchema}. */
export type Settings = Readonly<z.infer<typeof settingsSchema>>;

/** Settings, or all that is wrong with them. */
export type ReadSettings = { readonly settings: Settings } | { readonly problems: readonly ConfigProblem[] };

/** The settings of a `.gateward.yaml`; an empty one sets nothing. */
export function settingsOfFile(origin: string, text: string): ReadSettings {
  const yaml = readYaml(text);
  const problems = yaml.problems.map(({ message, at }) => ({ origin, at, path: '', message }));
  if (problems.length > 0) return { problems };
  const [first, second] = yaml.documents;
  if (first === undefined) return { settings: {} };
  const document: ConfigDocument = { origin, value: first.value, locate: first.locate };
  if (second !== undefined) {
    const at = second.locate([]);
    return { problems: [{ origin, at, path: '', message: 'holds more than one document; settings are one' }] };
  }
  const parsed = settingsSchema.safeParse(first.value);
  if (parsed.success) return { settings: parsed.data };
  return { problems: problemsOf(parsed.error, document) };
}

/** The settings of `GATEWARD_*` variables. Lists are written with commas. `hints` tell of variables that look like one of them. */
export function settingsOfEnvironment(
  env: Readonly<Partial<Record<string, string>>>,
): ReadSettings & { readonly hints: readonly string[] } {
  const names = new Map(Object.keys(settingsSchema.shape).map((key) => [variableOf(key), key]));
  const values: Record<string, unknown> = {};
  for (const [name, key] of names) {
    const text = env[name];
    if (text !== undefined && text !== '') values[key] = typed(key, text);
  }
  const known = [...names.keys()].map((name) => name.slice(PREFIX.length));
  const hints = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !names.has(name))
    .flatMap((name) => {
      const nearest = didYouMean(name.slice(PREFIX.length), known).replace('"', `"${PREFIX}`);
      return nearest === '' ? [] : [`${name} is no setting${nearest}`];
    });
  const parsed = settingsSchema.safeParse(values);
  if (parsed.success) return { settings: parsed.data, hints };
  const document: ConfigDocument = { origin: 'environment', value: values, locate: undefined };
  const problems = problemsOf(parsed.error, document).map((problem): ConfigProblem => {
    const [key = '', ...rest] = problem.path.split(/(?=[[.])/);
    return { ...problem, path: [variableOf(key), ...rest].join('') };
  });
  return { problems, hints };
}

const PREFIX = 'GATEWARD_';

/** `failOn` as a variable: `GATEWARD_FAIL_ON`. */
function variableOf(key: string): string {
  return `${PREFIX}${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The text of a variable as the setting's own type; what does not fit is left for the schema to refuse. */
function typed(key: string, text: string): unknown {
  if (key === 'policies' || key === 'output') return text.split(',').map((part) => part.trim());
  if (key !== 'requireResources') return text;
  return (
    new Map<string, unknown>([
      ['1', true],
      ['true', true],
      ['0', false],
      ['false', false],
    ]).get(text.toLowerCase()) ?? text
  );
}

function problemsOf(error: z.ZodError, document: ConfigDocument): readonly ConfigProblem[] {
  return documentIssues('', error, settingsSchema, document.value).map(({ path, message, expected }) => {
    const own = path.slice(1);
    const isUnknown = message === 'unknown field';
    const known = Object.keys(settingsSchema.shape);
    const hint = isUnknown
      ? didYouMean(String(own.at(-1)), known) || `; the settings are ${known.join(', ')}`
      : meant(valueAt(document.value, own), expected);
    return problemAt(document, own, `${isUnknown ? 'unknown setting' : message}${hint}`, isUnknown ? 'key' : undefined);
  });
}
