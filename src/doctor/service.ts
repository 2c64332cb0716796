import type { Installation } from '../cluster/installation.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';
import { denying, ourWebhooks, regenerate } from './ours.ts';

/** Where the API server calls: that the Service is there, with the port, and with pods behind it. */
export function serviceLines(seen: Installation): readonly Line[] {
  const { webhook } = denying(seen) ?? ourWebhooks(seen)[0] ?? {};
  if (webhook === undefined) return [];
  const { url, service } = webhook.clientConfig;
  if (service === undefined) {
    return [ok('service/port', url ?? '', 'the webhooks call a URL; there is no Service to look at')];
  }
  const where = `Service ${service.namespace}/${service.name}`;
  const lines: Line[] = [];
  if (service.namespace !== seen.namespace) {
    const message = `the webhooks call a Service of namespace ${service.namespace}, and ${seen.namespace} was looked at`;
    lines.push(fail('service/namespace', where, message, `run gateward doctor --namespace ${service.namespace}`));
  }
  return [...lines, portLine(seen, where, service.port), ...endpointLines(seen, where)];
}

function portLine(seen: Installation, where: string, port: number): Line {
  const check = 'service/port';
  if ('unseen' in seen.service) return unknown(check, where, seen.service.unseen);
  if (seen.service.value === undefined)
    return fail(check, where, 'is not there: no call gets through', 'apply deploy/base');
  const { ports } = seen.service.value;
  if (ports.some((one) => one.port === port)) return ok(check, where, `has port ${port}`);
  const has = ports.map((one) => one.port).join(', ');
  return fail(check, where, `has no port ${port}, which the webhooks call, but ${has}`, regenerate(seen));
}

function endpointLines(seen: Installation, where: string): readonly Line[] {
  const check = 'service/endpoints';
  if ('unseen' in seen.endpoints) return [unknown(check, where, seen.endpoints.unseen)];
  const all = seen.endpoints.value;
  const ready = all.filter((endpoint) => endpoint.ready).length;
  const wanted = 'value' in seen.workload ? (seen.workload.value?.replicas ?? all.length) : all.length;
  const look = `run kubectl -n ${seen.namespace} describe pods -l app.kubernetes.io/name=gateward`;
  if (ready === 0)
    return [fail(check, where, `has no ready endpoint (${all.length} not ready): no call gets through`, look)];
  if (ready < wanted) return [warn(check, where, `has ${ready} ready endpoints of ${wanted}`, look)];
  return [ok(check, where, `has ${ready} ready endpoints`)];
}
