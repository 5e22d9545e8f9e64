/// <reference lib="dom" />
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

interface Axe {
  run(
    context: { exclude: string[] },
    options: { resultTypes: string[] },
  ): Promise<{
    violations: { id: string; impact?: string | null; nodes: { html: string; failureSummary?: string }[] }[];
  }>;
}
declare global {
  interface Window {
    axe: Axe;
  }
}

/** The axe that its package for Playwright brings along. */
const { source } = createRequire(require.resolve('@axe-core/playwright'))('axe-core') as { source: string };

/**
 * What axe finds that shuts somebody out, in words; frames are the channels' own.
 *
 * Axe runs within the page and answers with the barriers alone. Its package for Playwright also carries out everything
 * that is well, a megabyte of it, into a second page and back, and axe itself into every frame: five seconds for a page
 * of fifty placements, of which axe needs one.
 */
export async function seriousBarriers(page: Page): Promise<string[]> {
  await settled(page);
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run({ exclude: ['iframe'] }, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map((node) => `${node.html} ${node.failureSummary ?? ''}`)
            .join(' | ')}`,
      );
  });
}

/** Waits until nothing moves: half faded in, no colour is its own yet. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
}

/** By how much the page runs over the edge of its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
