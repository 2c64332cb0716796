import {
  canonicalHostname,
  compareAge,
  GATEWAY_GROUP,
  isParent,
  objectKey,
  ownerKey,
  parentsOf,
  writtenMatches,
  type Indexed,
  type KubeObject,
  type ObjectKey,
  type ParentReference,
  type Snapshot,
} from '#gateway';
import { pastOf, type Subject } from '#policy';
import type { Claim, Claimant, HoldingKind, Relation } from './claims.ts';
import { isFirst, isNarrowing, matchesOf, partsTaken, type Match, type Part } from './matches.ts';

/** Why an object loses traffic. */
export interface Taken {
  readonly reason: string;
  /** Where it does, and for which requests. */
  readonly parts: readonly string[];
  /** What may yet say that the two do not meet. */
  readonly restsOn: readonly ObjectKey[];
}

/** What meets of two objects, whatever their hostnames. */
interface Meeting {
  /** Where both are served. */
  readonly doors: readonly Door[];
  readonly parts: readonly Part[];
  /** For which requests. */
  readonly texts: readonly string[];
  /** False where the matches do not tell whether both ask for the same requests. */
  readonly isComparable: boolean;
}

/** A match as a text, and what of an UPDATE it was before. */
interface Story {
  readonly text: string;
  /** Of the old matches that hold for all of its requests those that go first. */
  readonly old: readonly { readonly match: Match; readonly text: string }[];
}

/** What one object takes from others. Each of them is looked at once, however many hostnames they share. */
export class Takeovers {
  readonly #claimant: Subject<Claimant['kind']>;
  readonly #snapshot: Snapshot<HoldingKind>;
  readonly #meetings = { equal: new Map<KubeObject, Meeting>(), wider: new Map<KubeObject, Meeting>() };
  #doors: readonly Door[] | undefined;
  #matches: readonly Match[] | undefined;
  #oldMatches: readonly Match[] | undefined;
  readonly #stories = new Map<Match, Story>();

  constructor(claimant: Subject<Claimant['kind']>, snapshot: Snapshot<HoldingKind>) {
    this.#claimant = claimant;
    this.#snapshot = snapshot;
  }

  /**
   * Why a claim takes traffic from an object of another owner on the same Gateway; undefined when it does not. The more specific hostname
   * wins at any age, then the more specific path, then the match that asks for more, then the older object (http, grpc, gw; doc security).
   * HTTPRoutes and GRPCRoutes compete with each other, TLSRoutes and listeners among themselves.
   * `key`: the rival's hostname.
   */
  whyTaken(rival: Indexed<HoldingKind>, claim: Claim, key: string, relation: Relation): Taken | undefined {
    const { kind } = this.#claimant;
    if (
      claim.use === 'annotation' ||
      relation === 'a narrower hostname' ||
      (kind === 'TLSRoute') !== (rival.kind === 'TLSRoute')
    ) {
      return undefined;
    }
    const isHostFirst = relation === 'a wider hostname';
    const { doors, parts: taken, texts, isComparable } = this.#meeting(rival, isHostFirst);
    if (doors.length === 0) return undefined;
    if (claim.listener !== undefined && 'listeners' in rival.object.spec) {
      const { port } = claim.listener;
      const meets = rival.object.spec.listeners.some(
        (listener) => listener.port === port && canonicalHostname(listener.hostname) === key,
      );
      if (!meets) return undefined;
    }
    const parts = [...doors.map(({ gateway, port }) => `${gateway} ${port ?? ''}`), ...texts];
    const unsure = doors.flatMap(({ unseen }) => unseen ?? []);
    const by = (reason: string): Taken => ({ reason, parts, restsOn: unsure.length < doors.length ? [] : unsure });
    if (isHostFirst) return by('its hostname is more specific');
    if (kind === 'Gateway') return by('a Gateway goes before its ListenerSets');
    if (isOlder(this.#claimant, rival) && (taken.length > 0 || !isComparable)) {
      const ages = [this.#claimant, rival].map(({ object }) => object.metadata.creationTimestamp);
      return by(ages[0] === ages[1] ? 'it is of the same age and comes first by name' : 'it is older');
    }
    if (taken.length === 0) return undefined;
    const what = taken.every(({ isWhole }) => isWhole) ? 'match' : kind === 'GRPCRoute' ? 'method' : 'path';
    return by(`its ${what} is more specific`);
  }

  #meeting(rival: Indexed<HoldingKind>, isHostFirst: boolean): Meeting {
    const known = isHostFirst ? this.#meetings.wider : this.#meetings.equal;
    const meeting = known.get(rival.object) ?? this.#meet(rival, isHostFirst);
    known.set(rival.object, meeting);
    return meeting;
  }

  #meet(rival: Indexed<HoldingKind>, isHostFirst: boolean): Meeting {
    this.#doors ??= doorsOf(this.#claimant, this.#snapshot);
    const doors = sharedDoors(this.#doors, doorsOf(rival, this.#snapshot));
    if (doors.length === 0 || this.#claimant.kind !== rival.kind) {
      return { doors, parts: [], texts: [], isComparable: false };
    }
    const ours = (this.#matches ??= matchesOf(this.#claimant));
    const theirs = matchesOf(rival);
    const first = isOlder(this.#claimant, rival);
    const parts = partsTaken(ours, theirs, isHostFirst, first);
    return {
      doors,
      parts,
      texts: parts.map(({ own }) =>
        this.#textOf(own, (match) => isHostFirst || theirs.every((their) => takesNoMore(own, match, their, first))),
      ),
      isComparable: ours.length > 0 && ![...ours, ...theirs].some(({ isExpression }) => isExpression),
    };
  }

  /** A match as a text; what takes nothing that an old one did not (`isSame`) has the text of that one. */
  #textOf(own: Match, isSame: (old: Match) => boolean): string {
    const { text, old } = this.#storyOf(own);
    return (old.find(({ match }) => isSame(match)) ?? { text }).text;
  }

  #storyOf(own: Match): Story {
    const known = this.#stories.get(own);
    if (known !== undefined) return known;
    let old: readonly Match[] = [];
    for (const match of this.#old()) {
      // One that another goes before took nothing that the other did not.
      if (!isNarrowing(own, match) || old.some((first) => isFirst(first, match, true))) continue;
      old = [...old.filter((other) => !isFirst(match, other, true)), match];
    }
    const story = { text: textOf(own), old: old.map((match) => ({ match, text: textOf(match) })) };
    this.#stories.set(own, story);
    return story;
  }

  #old(): readonly Match[] {
    if (this.#oldMatches === undefined) {
      const past = pastOf(this.#claimant);
      this.#oldMatches = past === undefined ? [] : matchesOf(past);
    }
    return this.#oldMatches;
  }
}

/** Whether of the requests of another match a narrowing of an old one takes none that the old one did not. */
function takesNoMore(own: Match, old: Match, their: Match, isOlder: boolean): boolean {
  return !isFirst(own, their, isOlder) || isFirst(old, their, isOlder);
}

/** Whether the claimant goes first by age; what has no date is about to be created. A Gateway goes before its ListenerSets (gw, ls). */
function isOlder(claimant: Claimant, rival: Indexed<HoldingKind>): boolean {
  if (rival.kind === 'Gateway') return false;
  return claimant.object.metadata.creationTimestamp !== undefined && compareAge(claimant.object, rival.object) < 0;
}

/** Where an object is served. */
interface Door {
  readonly gateway: string;
  /** Undefined: all ports, or those that cannot be seen. */
  readonly port: number | undefined;
  /** Who will say which ports, where it is not there or has no such listener. */
  readonly unseen: ObjectKey | undefined;
}

/** Those of the doors that lead to the same as one of the others, each once: a route may name many ListenerSets of one Gateway. */
function sharedDoors(doors: readonly Door[], others: readonly Door[]): readonly Door[] {
  const ports = new Map<string, Map<number | undefined, Door>>();
  for (const door of others) {
    const { gateway, port } = door;
    ports.set(gateway, (ports.get(gateway) ?? new Map<number | undefined, Door>()).set(port, door));
  }
  const shared = new Map<string, Door>();
  for (const door of doors) {
    const { gateway, port } = door;
    const theirs = ports.get(gateway);
    if (theirs === undefined) continue;
    const met = port === undefined ? door : (theirs.get(port) ?? theirs.get(undefined));
    if (met !== undefined) shared.set(`${gateway} ${port ?? ''}`, { ...door, unseen: met.unseen });
  }
  return [...shared.values()];
}

/**
 * The doors of an object: a Gateway itself, that of a ListenerSet, and of a route the ports of the listeners that its parents mean. All
 * listeners of a port count: that one keeps the requests for its hostname from the others is a feature (gw: GatewayHTTPListenerIsolation).
 */
function doorsOf(holder: Claimant, snapshot: Snapshot<HoldingKind>): readonly Door[] {
  const { namespace = '', name } = holder.object.metadata;
  const all = { port: undefined, unseen: undefined };
  if (holder.kind === 'Gateway') return [{ gateway: objectKey('Gateway', namespace, name), ...all }];
  if (holder.kind === 'ListenerSet' || holder.kind === 'XListenerSet') {
    return [{ gateway: keyOfParent(holder.object.spec.parentRef, holder.object), ...all }];
  }
  return parentsOf(snapshot, holder).flatMap(({ claim: { ref }, parent }): readonly Door[] => {
    if (!isParent(parent)) {
      const { missing } = parent;
      if (missing?.kind !== 'Gateway') return [];
      return [{ gateway: objectKey('Gateway', missing.namespace, missing.name), ...portOf(ref, missing) }];
    }
    const { metadata } = parent.gateway;
    const gateway = objectKey('Gateway', metadata.namespace ?? '', metadata.name);
    const ports = parent.owner.object.spec.listeners
      .filter(({ name, port }) => name === (ref.sectionName ?? name) && port === (ref.port ?? port))
      .map(({ port }) => port);
    // A listener that is not there yet may come with any port, and no route is judged again then.
    if (ports.length === 0) return [{ gateway, ...portOf(ref, ownerKey(parent.owner)) }];
    return [...new Set(ports)].map((port) => ({ gateway, port, unseen: undefined }));
  });
}

/** The port that a parentRef asks for, whoever has it; where it leaves that to its parent, that one is to say. */
function portOf({ port }: ParentReference, parent: ObjectKey): Pick<Door, 'port' | 'unseen'> {
  return { port, unseen: port === undefined ? parent : undefined };
}

function keyOfParent(ref: Pick<ParentReference, 'group' | 'kind' | 'namespace' | 'name'>, child: KubeObject): string {
  const kind = (ref.group ?? GATEWAY_GROUP) === GATEWAY_GROUP ? (ref.kind ?? 'Gateway') : '';
  return objectKey(kind, ref.namespace ?? child.metadata.namespace ?? '', ref.name);
}

function textOf({ asked }: Match): string {
  return writtenMatches({ matches: [asked] }).join('');
}
