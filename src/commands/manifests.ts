import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Policy, VendorKind } from '#policy';
import { readProblem } from '../cluster/files.ts';
import { OperatorError } from '../errors.ts';
import type { Io } from '../telemetry/io.ts';
import { choice, choiceArgument, repeatable } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface ManifestFlags {
  readonly policies?: readonly string[];
  readonly profile: 'audit' | 'warn' | 'enforce';
  readonly namespace: string;
  readonly ca?: string;
  readonly url?: string;
}

const DERIVED = ['crds', 'rbac', 'webhooks'] as const;

/** RFC 1123 label, as every namespace is named. */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** `gateward manifests`. */
export function manifestsCommand(program: Program): Command {
  return new Command('manifests')
    .summary('print what deploy/ is generated from')
    .description('Prints the manifests that follow from the policies, ready for kubectl apply -f -.')
    .addArgument(choiceArgument('<what>', 'crds, rbac, webhooks or backstop', [...DERIVED, 'backstop']))
    .addOption(
      choice('--profile <profile>', 'how much the webhooks may get in the way', ['audit', 'warn', 'enforce']).default(
        'enforce',
      ),
    )
    .option('--namespace <name>', 'namespace that Gateward runs in', 'gateward-system')
    .option('--ca <file>', 'CA certificates of the webhooks, PEM')
    .option('--url <url>', 'call the webhooks at this URL instead of the Service')
    .addOption(
      repeatable(
        '--policies <path>',
        'policy documents in force: what they ask of webhooks and rights beyond the rest, and what backstop compiles; repeatable',
      ),
    )
    .addHelpText(
      'after',
      examples(
        program,
        'manifests crds',
        'manifests webhooks --profile audit --ca ca.crt',
        'manifests backstop --policies policies/ | kubectl apply --server-side -f -',
      ) + exitCodes({ 0: 'printed' }),
    )
    .action(async (what: (typeof DERIVED)[number] | 'backstop', options: ManifestFlags) => {
      const { ca, namespace } = options;
      if (!LABEL.test(namespace)) throw invalid(`--namespace must be a DNS label, not "${namespace}"`);
      const url = options.url === undefined ? undefined : webhookUrl(options.url);
      const known = await program.policies();
      if (what === 'backstop') {
        program.io.stdout(await backstopOf(options.policies ?? [], namespace, known, program.io));
        return;
      }
      const { renderManifests } = await import('../report/manifests.ts');
      program.io.stdout(
        renderManifests(what, {
          policies: known,
          namespace,
          profile: options.profile,
          ...(await askedBy(options.policies ?? [], known, program.io)),
          ...(url === undefined ? {} : { endpoint: { url } }),
          ...(ca === undefined ? {} : { caBundle: await readPem(ca) }),
        }),
      );
    });
}

/** What policy documents ask of an installation: to be sent kinds of vendors, to hold hostnames; nothing without documents. */
async function askedBy(
  paths: readonly string[],
  known: readonly Policy[],
  io: Io,
): Promise<{ readonly vendorKinds: readonly VendorKind[]; readonly holdsClaims: boolean }> {
  if (paths.length === 0) return { vendorKinds: [], holdsClaims: false };
  const { toldPolicyFiles } = await import('../cluster/policyFiles.ts');
  const { set } = await toldPolicyFiles(paths, known, io);
  return { vendorKinds: set.policies.flatMap(({ vendorKinds }) => vendorKinds), holdsClaims: set.holdsClaims };
}

/** What of policy documents the API server can hold by itself. */
async function backstopOf(
  paths: readonly string[],
  namespace: string,
  known: readonly Policy[],
  io: Io,
): Promise<string> {
  if (paths.length === 0) {
    throw invalid('backstop compiles policy documents: name them with --policies');
  }
  const { renderBackstop } = await import('../report/backstop/index.ts');
  const { toldPolicyFiles } = await import('../cluster/policyFiles.ts');
  const { set } = await toldPolicyFiles(paths, known, io);
  return renderBackstop(set, { namespace, now: io.now() });
}

/**
 * A URL that paths of webhooks can be put after, as the API server takes it (admissionregistration/v1 `WebhookClientConfig.url`).
 */
function webhookUrl(text: string): string {
  if (!/^https:\/\/[^\s/?#@\\]+(?:\/[^\s?#\\]*)?$/i.test(text) || !URL.canParse(text)) {
    throw invalid(`--url must be https://HOST[:PORT][/PATH], without user, query and fragment, not "${text}"`);
  }
  return text.replace(/\/+$/, '');
}

/** The certificates of a PEM file as a webhook configuration holds them: in base64. What else is in it stays there: it may be a key. */
async function readPem(file: string): Promise<string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(`--ca ${file}: ${readProblem(error)}`, error);
  }
  const { certificatesIn } = await import('../doctor/chain.ts');
  const found = certificatesIn(text);
  if (found === undefined || found.length === 0) throw invalid(`--ca ${file}: holds no certificates in PEM`);
  return Buffer.from(found.join('')).toString('base64');
}

function invalid(problem: string, cause?: unknown): OperatorError {
  return new OperatorError('usage/invalid', { command: 'manifests', problem }, cause);
}
