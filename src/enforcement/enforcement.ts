import { z } from 'zod';
import { ApiError, NOT_FOUND, expectApiServer, readJson, requestError } from '../cluster/liveList.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { EXIT, OperatorError } from '../errors.ts';
import { PROFILES } from '../report/manifestsWebhooks.ts';
import type { Io } from '../telemetry/io.ts';
import { proveAnswer, webhookDoor, type ProofPace } from './proof.ts';

const ROOT = '/apis/admissionregistration.k8s.io/v1';
const NAME = 'gateward';
const WEBHOOK = 'validate.gateward.dev';

/** How long a command may take in all, in milliseconds. */
const PATIENCE = 60_000;
const PACE: ProofPace = { patience: 15_000, pause: 250 };

const configurationDoor = z.looseObject({ webhooks: z.array(webhookDoor) });

/**
 * From `audit` or `warn` to `enforce`: proves that the API server gets an answer, and has it refuse from then on what it gets none for. Nothing
 * is changed in a dry run, or without proof. Throws {@link OperatorError}.
 */
export async function enable(
  connection: ApiConnection,
  { dryRun, pace = PACE }: { readonly dryRun: boolean; readonly pace?: ProofPace },
  io: Pick<Io, 'stdout'>,
): Promise<number> {
  const signal = AbortSignal.timeout(PATIENCE);
  const webhook = await within(connection, () => findWebhook(connection, signal));
  const problem = await within(connection, () => proveAnswer(connection, webhook, pace, signal));
  if (problem !== undefined) throw new OperatorError('enforcement/no-answer', { problem });
  io.stdout('Gateward answers: the API server called it and took its denial.\n');
  if (dryRun) return EXIT.clean;
  await within(connection, () => setProfile(connection, 'enforce', signal));
  io.stdout('Enforced: a write that Gateward cannot judge is refused. gateward disable takes it back.\n');
  return EXIT.clean;
}

/**
 * Back to letting writes through when a call fails, or with `remove` to no calls at all: the way out when people are locked out, and what
 * comes before an installation goes. Throws {@link OperatorError}.
 */
export async function disable(
  connection: ApiConnection,
  { remove }: { readonly remove: boolean },
  io: Pick<Io, 'stdout'>,
): Promise<number> {
  const signal = AbortSignal.timeout(PATIENCE);
  if (!remove) {
    await within(connection, () => findWebhook(connection, signal));
    await within(connection, () => setProfile(connection, 'warn', signal));
    io.stdout('Not enforced: a write that Gateward cannot judge is let through; its denials count as before.\n');
    return EXIT.clean;
  }
  for (const plural of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']) {
    const path = `${ROOT}/${plural}/${NAME}`;
    const was = await within(connection, () => removed(connection, path, signal));
    io.stdout(`${plural}/${NAME} ${was ? 'deleted' : 'was not there'}\n`);
  }
  return EXIT.clean;
}

async function findWebhook(connection: ApiConnection, signal: AbortSignal): Promise<z.infer<typeof webhookDoor>> {
  const path = `${ROOT}/validatingwebhookconfigurations/${NAME}`;
  const response = await connection.get(path, signal, PATIENCE);
  if (response.status === NOT_FOUND) {
    await response.body.dump();
    await expectApiServer(connection, signal);
    throw new OperatorError('enforcement/not-installed', { name: NAME });
  }
  const configuration = configurationDoor.parse(await readJson(response, path));
  const webhook = configuration.webhooks.find(({ name }) => name === WEBHOOK);
  if (webhook === undefined) throw new OperatorError('enforcement/not-installed', { name: `${NAME} with ${WEBHOOK}` });
  return webhook;
}

/** Entries of `webhooks` are merged by name: what else stands there stays, a CA bundle of somebody else among it. */
async function setProfile(connection: ApiConnection, profile: 'warn' | 'enforce', signal: AbortSignal): Promise<void> {
  const path = `${ROOT}/validatingwebhookconfigurations/${NAME}`;
  const body = { webhooks: [{ name: WEBHOOK, ...PROFILES[profile] }] };
  const write = { method: 'PATCH', path, body, contentType: 'application/strategic-merge-patch+json' } as const;
  await readJson(await connection.send(write, signal), path);
}

async function removed(connection: ApiConnection, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    await readJson(await connection.send({ method: 'DELETE', path, body: {} }, signal), path);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== NOT_FOUND) throw error;
    await expectApiServer(connection, signal);
    return false;
  }
}

/** What goes wrong on the way to the API server, as an operator's error. */
async function within<T>(connection: ApiConnection, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof OperatorError ? error : requestError(connection, error);
  }
}
