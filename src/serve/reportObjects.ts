import { setImmediate as nextTurn } from 'node:timers/promises';
import { applyObject, deleteObject } from '../cluster/apply.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { listCollection } from '../cluster/liveList.ts';
import { metadataOf, nameOf } from '../cluster/liveCollection.ts';
import { servedReportApis } from '../cluster/reportApi.ts';
import type { ContinuousAudit } from '../engine/index.ts';
import { NOWHERE, reportEvaluation, type ReportError, type ReportFinding } from '../report/finding.ts';
import { pluralOf } from '../report/manifestsCrds.ts';
import { REPORT_APIS, REPORT_NAME, reportObjects, type ReportApi } from '../report/policyReport.ts';
import { makeReport } from '../report/report.ts';

/** What report objects are written with. */
export interface ReportObjectsParts {
  readonly connection: ApiConnection;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  /** Hears why the report of a namespace could not be written. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * How often to look whether the cluster serves reports, at first and at last, and how long a request may take, in milliseconds: they may be
 * installed together with Gateward, and an API server that has just begun may refuse them.
 */
const ASK_FIRST = 2000;
const ASK_EVERY = 30_000;
const TIMEOUT = 10_000;
const SLICE = 1;
const MANAGED = 'app.kubernetes.io/managed-by=gateward';

/**
 * The findings of the audit as report objects, one for each namespace that has any: of OpenReports where the cluster serves it, else of
 * wgpolicyk8s, else nowhere. Written where something has changed, removed where nothing is left.
 */
export class ReportObjects {
  readonly #parts: ReportObjectsParts;
  /** By namespace: what was written last, and the resourceVersion that has; undefined where nothing is left. */
  readonly #written = new Map<string, { readonly text: string; readonly version: unknown }>();
  /** Namespaces whose report is not as it should be; undefined before what is there has been listed. */
  #pending: Set<string> | undefined;
  /** Namespaces whose report could not be written or removed; tried again when the API is asked for next. */
  readonly #failed = new Set<string>();
  #api: ReportApi | undefined;
  /** APIs that are served too, where reports may stand from the time before {@link #api} was. */
  #former: readonly ReportApi[] = [];
  #asked = -Infinity;
  #pause = 0;

  constructor(parts: ReportObjectsParts) {
    this.#parts = parts;
  }

  /** Another leads: what it writes is not known here. */
  forget(): void {
    this.#written.clear();
    this.#pending = undefined;
    this.#api = undefined;
    this.#asked = -Infinity;
    this.#pause = 0;
  }

  /** Looks once more at what is there: somebody else may have taken reports away, or changed them. */
  recheck(): void {
    this.#pending = undefined;
  }

  /** Brings the reports up to date. A namespace whose report is refused is told of, and tried again after a while or when it changes. */
  async write(audit: ContinuousAudit): Promise<void> {
    const { connection, mayWrite, failed } = this.#parts;
    const dirty = audit.takeDirty();
    for (const namespace of dirty) this.#pending?.add(namespace);
    if (performance.now() - this.#asked > this.#pause) {
      this.#asked = performance.now();
      this.#pause = Math.min(ASK_EVERY, Math.max(ASK_FIRST, 2 * this.#pause));
      const [api, ...former] = await servedReportApis(connection, AbortSignal.timeout(TIMEOUT));
      if (api !== this.#api) {
        this.#written.clear();
        this.#pending = undefined;
        this.#former = former;
      }
      this.#api = api;
      for (const namespace of this.#failed) this.#pending?.add(namespace);
      this.#failed.clear();
      await this.#clear().catch(failed);
    }
    if (this.#api === undefined) return;
    if (this.#pending === undefined) {
      const [api, asked] = [this.#api, this.#asked];
      // Should they not be listed, it is looked for the API again before they are asked for again.
      this.#api = undefined;
      const standing = await this.#standing(api);
      // Who has led again since has to look anew.
      if (this.#asked !== asked) return;
      for (const [namespace, { version }] of this.#written) {
        if (standing.get(namespace) !== version) this.#written.delete(namespace);
      }
      this.#pending = new Set([...standing.keys(), ...audit.failingNamespaces()]);
      this.#api = api;
    }
    const [api, pending] = [this.#api, this.#pending];
    for (const namespace of [...pending]) {
      if (!mayWrite() || this.#pending !== pending) return;
      pending.delete(namespace);
      try {
        await this.#bring(api, namespace, audit);
      } catch (error) {
        // A request that got no answer may have been carried out.
        this.#written.delete(namespace);
        this.#failed.add(namespace);
        failed(error);
      }
    }
  }

  async #bring(api: ReportApi, namespace: string, audit: ContinuousAudit): Promise<void> {
    const { connection, mayWrite, now } = this.#parts;
    const findings: ReportFinding[] = [];
    const errors: ReportError[] = [];
    let end = performance.now() + SLICE;
    for (const evaluation of audit.found(namespace, now())) {
      const reported = reportEvaluation(evaluation, NOWHERE);
      findings.push(...reported.findings);
      errors.push(...reported.errors);
      if (performance.now() < end) continue;
      await nextTurn();
      end = performance.now() + SLICE;
    }
    if (!mayWrite()) return;
    const counts = { objects: 0, others: 0, files: 0, skipped: 0 };
    const report = makeReport({ findings, errors, exempted: [], expiredExemptions: [], counts });
    const [object] = reportObjects(api, report, now());
    const text = JSON.stringify(reportObjects(api, report, 0));
    if (this.#written.get(namespace)?.text === text) return;
    let version: unknown;
    if (object === undefined) await this.#remove(api, namespace);
    else {
      const path = reportPath(api, namespace);
      const written = await applyObject(connection, path, object, AbortSignal.timeout(TIMEOUT));
      version = metadataOf(written)['resourceVersion'];
    }
    this.#written.set(namespace, { text, version });
  }

  async #remove(api: ReportApi, namespace: string): Promise<void> {
    const { connection } = this.#parts;
    const signal = AbortSignal.timeout(TIMEOUT);
    for (const item of await this.#managed(api, namespace)) {
      const { uid, resourceVersion } = metadataOf(item);
      const preconditions = { uid: String(uid), resourceVersion: String(resourceVersion) };
      await deleteObject(connection, reportPath(api, namespace), preconditions, signal);
    }
  }

  /** Takes away what was written to another API: nobody would bring it up to date. */
  async #clear(): Promise<void> {
    for (const api of this.#former) {
      for (const namespace of (await this.#standing(api)).keys()) {
        if (!this.#parts.mayWrite()) return;
        await this.#remove(api, namespace);
      }
    }
    this.#former = [];
  }

  /** The namespaces that have a report of ours, and its resourceVersion. */
  async #standing(api: ReportApi): Promise<ReadonlyMap<string, unknown>> {
    const inNamespaces = await this.#managed(api, undefined);
    const ofCluster = await this.#managed(api, '');
    const items = [...inNamespaces, ...ofCluster];
    return new Map(items.map((item) => [nameOf(item).namespace, metadataOf(item)['resourceVersion']]));
  }

  async #managed(api: ReportApi, namespace: string | undefined): Promise<readonly unknown[]> {
    const { apiVersion, cluster, namespaced } = REPORT_APIS[api];
    const path = collectionOf(api, namespace);
    const collection = { path, apiVersion, kind: namespace === '' ? cluster : namespaced, labelSelector: MANAGED };
    const items: unknown[] = [];
    const take = (item: unknown): void => {
      if (nameOf(item).name === REPORT_NAME) items.push(item);
    };
    await listCollection(this.#parts.connection, collection, take, AbortSignal.timeout(TIMEOUT));
    return items;
  }
}

/** Where the report of a namespace is. */
function reportPath(api: ReportApi, namespace: string): string {
  return `${collectionOf(api, namespace)}/${REPORT_NAME}`;
}

/** Where the reports of a namespace are; `""`: of the cluster, undefined: of all namespaces. */
function collectionOf(api: ReportApi, namespace: string | undefined): string {
  const { apiVersion, cluster, namespaced } = REPORT_APIS[api];
  const within = namespace === undefined || namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `/apis/${apiVersion}${within}/${pluralOf(namespace === '' ? cluster : namespaced)}`;
}
