import { REPORT_APIS, type ReportApi } from '../report/policyReport.ts';
import type { ApiConnection } from './liveConnection.ts';

/** How long the server may say nothing, in milliseconds. */
const SILENCE = 30_000;

/** The API of report objects that a cluster serves: OpenReports, else the one before it. */
export async function servedReportApi(connection: ApiConnection, signal: AbortSignal): Promise<ReportApi | undefined> {
  for (const api of ['openreports', 'policyreport'] as const) {
    const { status, body } = await connection.get(`/apis/${REPORT_APIS[api].apiVersion}`, signal, SILENCE);
    await body.dump();
    if (status === 200) return api;
  }
  return undefined;
}
