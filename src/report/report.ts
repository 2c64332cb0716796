import {
  compareFindings,
  type ExemptedFinding,
  type FindingEffect,
  type ReportError,
  type ReportFinding,
  type ReportObject,
} from './finding.ts';
import type { Plan } from './plan.ts';

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
  readonly summary: Summary;
}

/** The parts of a report, in any order, with what cannot be counted from them. */
export interface ReportParts extends Omit<Report, 'summary' | 'judged'> {
  readonly judged?: readonly JudgedObject[];
  readonly counts: Pick<Summary, 'objects' | 'others' | 'files' | 'skipped'> & {
    /** Files that could not be read at all. */
    readonly unreadable: number;
    /** Findings that a baseline has taken out. Default none. */
    readonly known?: number;
  };
}

/** Sorts and counts. */
export function makeReport({
  findings,
  exempted,
  errors,
  judged,
  expiredExemptions,
  plan,
  counts,
}: ReportParts): Report {
  const withEffect = (effect: FindingEffect): number => findings.filter((finding) => finding.effect === effect).length;
  const { unreadable, known = 0, ...counted } = counts;
  return {
    findings: findings.toSorted(compareFindings),
    exempted: exempted.toSorted((a, b) => compareFindings(a.finding, b.finding)),
    errors,
    judged: judged ?? [],
    expiredExemptions,
    plan,
    summary: {
      ...counted,
      findings: findings.length,
      denied: withEffect('deny'),
      warned: withEffect('warn'),
      audited: withEffect('audit'),
      exempted: exempted.length,
      known,
      errors: errors.length + withEffect('error') + unreadable,
      unverified: findings.filter(({ certain }) => !certain).length,
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
  return `${parts.length === 0 ? 'nothing to report' : parts.join(', ')} in ${counted(objects, 'object')}`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
