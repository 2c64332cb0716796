import {
  covers,
  formatKey,
  namespaceKey,
  parseHostname,
  type FieldPath,
  type ObjectKey,
  type Snapshot,
} from '#gateway';
import type { Contest, Finding, FindingDetails, HeldHostname, HostnameClaim, Subject } from '#policy';
import { askedThrough, asking, servedFor, type Asked } from './asked.ts';
import { isHostless, writtenHostnames, type Claimant, type HoldingKind, type Relation } from './claims.ts';
import type { OwnerTable } from './owners.ts';

/** What the claims of a subject are made with; a part of the policy's tools. */
interface ClaimTools {
  readonly bound: { readonly annotations: readonly string[]; readonly table: OwnerTable };
  readonly snapshot: Snapshot<HoldingKind | 'Namespace'>;
  readonly find: (
    id: 'conflict',
    path: FieldPath,
    data: { readonly claim: string; readonly rival: string; readonly relation: Relation },
    details: FindingDetails,
  ) => Finding;
  readonly name: (key: ObjectKey) => string;
}

/** The hostnames that are held for a subject: those for which the rules look for rivals, judged in the same way against what is held. */
export function heldHostnames(subject: Subject<Claimant['kind']>, tools: ClaimTools): readonly HostnameClaim[] {
  const { bound, name, snapshot } = tools;
  const written = writtenHostnames(subject, bound.annotations);
  const served = servedFor(subject, written, snapshot);
  const askedBy = asking(subject, served, snapshot);
  const asked = [
    ...written.flatMap((one) => {
      const parsed = parseHostname(one.text);
      return 'problem' in parsed ? [] : askedBy(one, parsed.hostname);
    }),
    ...(isHostless(subject) ? served : []).flatMap((through) => {
      const { parent, isDeclared } = through;
      return askedThrough(through, `everything that ${isDeclared ? formatKey(parent) : name(parent)} serves`);
    }),
  ];
  const claims = new Map<string, HostnameClaim>();
  for (const one of asked) {
    const layer = one.use === 'listener' ? 'Listener' : 'Route';
    const id = `${layer} ${one.hostname}`;
    if (claims.has(id)) continue;
    const { entitled } = bound.table.entitlement(one.hostname, namespaceOf(subject), snapshot);
    claims.set(id, {
      hostname: one.hostname,
      layer,
      path: one.path,
      overlaps: !entitled,
      contest: (held) => contestOver(one, held, subject, tools),
    });
  }
  return [...claims.values()];
}

/** As the rules judge a rival: who has a right to a name meets only holders of that very name without one, and is then only warned. */
function contestOver(
  { hostname, claim, path, uncut }: Asked,
  held: HeldHostname,
  subject: Claimant,
  { bound: { table }, snapshot, find, name }: ClaimTools,
): Contest | undefined {
  const namespace = namespaceOf(subject);
  const other = held.claimant.namespace;
  const relation = relationOf(held.hostname, hostname);
  if (other === namespace || relation === undefined) return undefined;
  const { entitled, restsOn } = table.entitlement(hostname, namespace, snapshot);
  const isTheirs = entitled && table.entitlement(hostname, other, snapshot).entitled;
  if (isTheirs || (entitled && relation !== 'the same hostname')) return undefined;
  const isSame = table.sameOwnerAs(namespace, snapshot)(other);
  if (isSame === true) return undefined;
  const unsure = isSame === 'unknown' ? [namespaceKey(namespace), namespaceKey(other)] : [];
  const details: FindingDetails = { related: [held.claimant], restsOn: [...restsOn, ...uncut, ...unsure] };
  const finding = find(
    'conflict',
    path,
    { claim, rival: name(held.claimant), relation },
    entitled ? { ...details, atMost: 'Warn' } : details,
  );
  return { finding, prevails: entitled };
}

/** How a held hostname stands to an asked one; undefined when they do not meet. */
function relationOf(held: string, asked: string): Relation | undefined {
  if (held === asked) return 'the same hostname';
  if (covers(held, asked)) return 'a wider hostname';
  return covers(asked, held) ? 'a narrower hostname' : undefined;
}

function namespaceOf({ object }: Claimant): string {
  return object.metadata.namespace ?? '';
}
