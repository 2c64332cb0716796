import { REPORT_APIS, type ReportApi } from '../report/policyReport.ts';
import type { ApiConnection } from './liveConnection.ts';
import { NOT_FOUND, clusterError, readJson } from './liveList.ts';

/** How long the server may say nothing, in milliseconds. */
const SILENCE = 30_000;

const FORBIDDEN = 403;

/**
 * The APIs of report objects that a cluster serves, the one to write to first: OpenReports, else the one before it. Throws an `OperatorError`
 * where the API server does not say: an API whose server is away for a moment is still the one in use.
 */
export async function servedReportApis(connection: ApiConnection, signal: AbortSignal): Promise<readonly ReportApi[]> {
  const served: ReportApi[] = [];
  for (const api of ['openreports', 'policyreport'] as const) {
    const path = `/apis/${REPORT_APIS[api].apiVersion}`;
    try {
      const response = await connection.get(path, signal, SILENCE);
      if (response.status === NOT_FOUND || response.status === FORBIDDEN) await response.body.dump();
      else {
        await readJson(response, path);
        served.push(api);
      }
    } catch (error) {
      throw clusterError(connection, path, error);
    }
  }
  return served;
}
