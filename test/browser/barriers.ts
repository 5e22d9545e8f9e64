/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

interface Axe {
  run(
    context: { exclude: string[] },
    options: { resultTypes: string[]; preload: false; runOnly?: { type: 'rule'; values: readonly string[] } },
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
const source = readFileSync(
  createRequire(require.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Those of axe's rules that ask how a page looks; to the others it is the same page in another light or type. */
const ofLooks = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable'];

/**
 * What axe finds that shuts somebody out, in words; frames are the channels' own.
 *
 * Axe runs within the page and answers with the barriers alone. Its package for Playwright also carries out everything
 * that is well, a megabyte of it, into a second page and back, and axe itself into every frame: five seconds for a page
 * of fifty placements, of which axe needs one. Where nothing but the `looks` of a page has `changed` since it was asked
 * about, only they are asked about.
 */
export async function seriousBarriers(page: Page, changed: 'page' | 'looks' = 'page'): Promise<string[]> {
  await settled(page);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  return page.evaluate(
    async (rules) => {
      const { violations } = await window.axe.run(
        { exclude: ['iframe'] },
        { resultTypes: ['violations'], preload: false, ...(rules && { runOnly: { type: 'rule', values: rules } }) },
      );
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 3)
              .map((node) => `${node.html} ${node.failureSummary ?? ''}`)
              .join(' | ')}`,
        );
    },
    changed === 'looks' ? ofLooks : undefined,
  );
}

/** Waits until nothing moves: half faded in, no colour is its own yet. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
}

/** By how much the page runs over the edge of its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
