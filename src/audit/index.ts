/** Face 3: what is already there, judged as if it were created now. Writes nothing anywhere but its report. */
export { runAudit, type AuditOptions } from './audit.ts';
