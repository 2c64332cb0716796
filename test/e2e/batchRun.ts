/** `npm run batches [-- COUNT]`: so many batches (1,000) on a real API server under enforced documents; every refusal is a false denial. */
import { BATCH_POLICIES, applyBatches, batchWithoutGrant } from './batches.ts';
import { startCluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { startGateward } from './gateward.ts';

const count = Number(process.argv[2] ?? 1000);
const cluster = await startCluster();
try {
  await installCrds(cluster, 'standard');
  const server = await startGateward(cluster, BATCH_POLICIES);
  await server.register();
  const proof = await batchWithoutGrant(cluster, 'long-');
  if (proof.at(-1) !== 403) throw new Error(`the documents deny nothing: ${proof.join()}`);
  const refused = await applyBatches(cluster, count, 'long-');
  await server.stop();
  process.stdout.write(`${count} batches, ${refused.length} refused writes\n${refused.slice(0, 10).join('\n')}`);
  process.exitCode = refused.length === 0 ? 0 : 1;
} finally {
  await cluster.stop();
}
