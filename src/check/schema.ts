import { formatPath, isGatewayKind, parseApiVersion, type KindName, type SchemaProblem } from '#gateway';
import { identityOf, type Manifest, type ManifestFinding } from '../cluster/manifests.ts';
import type { Past } from './judge.ts';

/**
 * What the API server would refuse in objects of Gateway API, whatever the policies: enums, patterns, lengths, unknown fields, the CEL rules
 * of the CRDs, those about a change where `pastOf` knows what was there. An object that one of the channels takes is in order here: which
 * channel it may use is a matter of policy.
 */
export async function schemaFindings(
  manifests: readonly Manifest[],
  pastOf: (manifest: Manifest) => Past | undefined,
): Promise<readonly ManifestFinding[]> {
  const own = manifests.filter(({ kind }) => isGatewayKind(kind));
  if (own.length === 0) return [];
  const findings: ManifestFinding[] = [];
  for (const manifest of own) {
    const problems = await schemaProblems(
      manifest.kind,
      manifest.object.apiVersion,
      manifest.raw,
      pastOf(manifest)?.raw,
    );
    findings.push(...problems.map((problem) => toFinding(manifest, problem)));
  }
  return findings;
}

/** What the API server would refuse in one object of Gateway API, in whichever channel takes it better; `rawOld` is the object before a change. */
export async function schemaProblems(
  kind: KindName,
  apiVersion: string,
  raw: unknown,
  rawOld: unknown,
): Promise<readonly SchemaProblem[]> {
  const { checkSchema } = await import('../gateway/schema/checkSchema.ts');
  const { version } = parseApiVersion(apiVersion);
  const standard = await checkSchema(kind, version, 'standard', raw, rawOld);
  if (standard.length === 0) return [];
  const experimental = await checkSchema(kind, version, 'experimental', raw, rawOld);
  return experimental.length <= standard.length ? experimental : standard;
}

function toFinding(manifest: Manifest, { path, message }: SchemaProblem): ManifestFinding {
  return {
    rule: 'schema',
    message: path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    path,
    at: manifest.locate(path),
    origin: manifest,
    object: identityOf(manifest.raw),
    value: manifest.raw,
  };
}
