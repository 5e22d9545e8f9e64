/** Builds the dashboard where dist/dashboard is absent or older than a source of it; Jest calls it before the first browser test. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export default function buildDashboard(): void {
  const page = statSync('dist/dashboard/index.html', { throwIfNoEntry: false });
  if (page && page.mtimeMs >= newest('dashboard')) return;
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '-c', 'dashboard/vite.config.ts'], {
    stdio: 'pipe',
  });
}

function newest(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}
