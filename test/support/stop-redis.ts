import { rmSync } from 'node:fs';

export default function stopRedis(): void {
  process.kill(Number(process.env['TEST_REDIS_PID']), 'SIGKILL');
  rmSync(process.env['TEST_REDIS_FOLDER'] as string, { recursive: true, force: true });
}
