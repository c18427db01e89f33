/** `ghostcam doctor`: tries every part on this board and says how to mend what does not work. */
import { type Loaded, loadConfig } from '../config/load.js';
import { describeMistake } from '../config/mistake.js';
import { secretsOf } from '../config/secrets.js';
import { examine } from '../doctor/doctor.js';
import { type Finding, failure, warning } from '../doctor/finding.js';
import { createLog } from '../observe/log.js';
import { VERSION } from '../package-info.js';
import { redactText } from '../secrets/redact.js';
import { type Environment, resolveEnvFile } from './env-file.js';
import { EXIT } from './exit-codes.js';

export interface DoctorFlags {
  envFile?: string;
  json?: true;
}

const MARK = { ok: 'ok     ', absent: '-      ', warning: 'WARNING', failure: 'FAILURE' };

/** Returns the exit code: 1 when there is a failure. */
export async function doctor({ envFile, json }: DoctorFlags, environment: Environment): Promise<number> {
  const path = resolveEnvFile(envFile);
  const loaded = loadConfig(path, environment);
  const secrets = secretsOf(loaded.config);
  const findings: Finding[] = [];
  const report = (finding: Finding) => {
    const clean = { ...finding, message: redactText(finding.message, secrets) };
    findings.push(clean);
    if (!json) print(clean);
  };

  const configured = path !== undefined || environment.CAMERAS !== undefined;
  if (configured) for (const finding of mistakes(loaded, path)) report(finding);
  else {
    report(
      warning(
        'configuration',
        'no env file was found: broker and cameras are not examined',
        'write one, ghostcam.env here or /etc/ghostcam/ghostcam.env: ghostcam cameras --write does; or name it with --env-file',
      ),
    );
  }
  const { model, provider, threads, onnxruntimeLib, ffmpegPath } = loaded.config;
  const valid = configured && loaded.mistakes.length === 0;
  for await (const finding of examine({
    runtime: { model, provider, threads, onnxruntimeLib },
    ffmpegPath,
    ...(valid ? { config: loaded.config } : {}),
    log: createLog({ level: 'error', secrets }),
  })) {
    report(finding);
  }

  const failed = findings.filter(({ status }) => status === 'failure').length;
  const warned = findings.filter(({ status }) => status === 'warning').length;
  if (json) console.log(JSON.stringify({ version: VERSION, ok: failed === 0, findings }));
  else console.log(`\n${findings.length} checks, ${failed} failures, ${warned} warnings`);
  return failed === 0 ? EXIT.ok : EXIT.failure;
}

function mistakes({ mistakes }: Loaded, path: string | undefined): Finding[] {
  if (mistakes.length === 0)
    return [{ check: 'configuration', status: 'ok', message: path ?? 'environment' }];
  return mistakes.map((mistake) =>
    failure('configuration', describeMistake(mistake), 'mend it, then `ghostcam check`'),
  );
}

function print({ check, status, message, remedy }: Finding): void {
  console.log(`${MARK[status]}  ${check}: ${message}`);
  if (remedy !== undefined) console.log(`         -> ${remedy}`);
}
