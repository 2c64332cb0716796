import type { Evaluation, Unauditable } from '../engine/index.ts';
import {
  compareFindings,
  reportObject,
  type ExemptedFinding,
  type FindingEffect,
  type ReportError,
  type ReportFinding,
  type ReportObject,
} from './finding.ts';
import type { Plan } from './plan.ts';
import type { ReportedFinding } from './parseReport.ts';

/** An object that was judged, and what each document that speaks about it said: for formats that list passes. */
export interface JudgedObject {
  readonly object: ReportObject;
  readonly file: string | undefined;
  readonly outcomes: readonly {
    readonly policy: string;
    readonly document: string;
    readonly outcome: 'pass' | 'fail' | 'skip' | 'error';
  }[];
}

/** An evaluation's subject, with what each document said of it. */
export function judgedObject({ subject, outcomes }: Evaluation, file: string | undefined): JudgedObject {
  return {
    object: reportObject(subject.object),
    file,
    outcomes,
  };
}

/** What is counted. */
export interface Summary {
  /** Objects of Gateward's kinds in the input. */
  readonly objects: number;
  /** Other documents, which nobody judged. */
  readonly others: number;
  readonly files: number;
  /** Files that were passed over, as a chart's templates. */
  readonly skipped: number;
  readonly findings: number;
  readonly denied: number;
  readonly warned: number;
  readonly audited: number;
  readonly exempted: number;
  /** Files and documents that could not be read, and objects that a policy document could not judge. */
  readonly errors: number;
  /** Findings that a baseline knows; they are not among the others. */
  readonly known: number;
  /** Findings that rest on something out of sight; they are among the others too. */
  readonly unverified: number;
  /** Findings that the previous report has not, and has; those that only it has. Without one they are not counted. */
  readonly new?: number;
  readonly unchanged?: number;
  readonly resolved?: number;
}

/** Everything a format needs; values only. */
export interface Report {
  /** In the order of {@link compareFindings}. */
  readonly findings: readonly ReportFinding[];
  readonly exempted: readonly ExemptedFinding[];
  readonly errors: readonly ReportError[];
  readonly judged: readonly JudgedObject[];
  /** Names of exemptions that are over. */
  readonly expiredExemptions: readonly string[];
  /** What another release would break; undefined when none is planned. */
  readonly plan?: Plan | undefined;
  /** What could not be read at all, a line each. */
  readonly problems: readonly string[];
  /** Rules in force that cannot be judged of what is already there. */
  readonly unauditable: readonly Unauditable[];
  /** What the previous report found and this one does not; undefined when there is none to compare with. */
  readonly resolved: readonly ReportedFinding[] | undefined;
  readonly summary: Summary;
}

/** The parts of a report, in any order, with what cannot be counted from them. */
export interface ReportParts
  extends
    Pick<Report, 'findings' | 'exempted' | 'errors' | 'expiredExemptions'>,
    Partial<Pick<Report, 'judged' | 'problems' | 'unauditable' | 'resolved' | 'plan'>> {
  readonly counts: Pick<Summary, 'objects' | 'others' | 'files' | 'skipped'> & {
    /** Findings that a baseline has taken out. Default none. */
    readonly known?: number;
  };
}

/** Sorts and counts. */
export function makeReport({ counts, ...parts }: ReportParts): Report {
  const { findings, exempted, errors, problems = [], resolved } = parts;
  const count = (is: (finding: ReportFinding) => boolean): number => findings.filter(is).length;
  const withEffect = (effect: FindingEffect): number => count((finding) => finding.effect === effect);
  const { known = 0, ...counted } = counts;
  return {
    findings: findings.toSorted(compareFindings),
    exempted: exempted.toSorted((a, b) => compareFindings(a.finding, b.finding)),
    errors,
    judged: parts.judged ?? [],
    expiredExemptions: parts.expiredExemptions,
    problems,
    unauditable: parts.unauditable ?? [],
    resolved,
    plan: parts.plan,
    summary: {
      ...counted,
      findings: findings.length,
      denied: withEffect('deny'),
      warned: withEffect('warn'),
      audited: withEffect('audit'),
      exempted: exempted.length,
      known,
      errors: errors.length + withEffect('error') + problems.length,
      unverified: count(({ certain }) => !certain),
      ...(resolved === undefined
        ? {}
        : {
            new: count(({ change }) => change === 'new'),
            unchanged: count(({ change }) => change === 'unchanged'),
            resolved: resolved.length,
          }),
    },
  };
}

/** One line: `3 denied, 1 warning in 14 objects`. */
export function summaryLine({ summary, findings }: Report): string {
  const { objects, others, files, denied, warned, audited, exempted, known, errors, skipped } = summary;
  const unverified = findings.filter(({ effect, certain }) => effect === 'warn' && !certain).length;
  if (objects === 0 && summary.findings === 0 && errors === 0) {
    return `0 Gateway API objects in ${counted(files, 'file')}${others > 0 ? ` (${counted(others, 'other document')})` : ''}`;
  }
  const parts = [
    denied > 0 ? `${denied} denied` : '',
    warned > 0 ? `${counted(warned, 'warning')}${unverified > 0 ? ` (${unverified} unverified)` : ''}` : '',
    audited > 0 ? `${audited} audited` : '',
    errors > 0 ? counted(errors, 'error') : '',
    exempted > 0 ? `${exempted} exempted` : '',
    known > 0 ? `${known} known` : '',
    skipped > 0 ? `${counted(skipped, 'file')} skipped` : '',
  ].filter((part) => part !== '');
  const since =
    summary.resolved === undefined
      ? ''
      : `; since the last report ${summary.new ?? 0} new, ${summary.resolved} resolved, ${summary.unchanged ?? 0} unchanged`;
  return `${parts.length === 0 ? 'nothing to report' : parts.join(', ')} in ${counted(objects, 'object')}${since}`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
