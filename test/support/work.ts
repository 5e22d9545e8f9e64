/** How much a piece of our JavaScript does, counted and not timed: how often each block of it was run. */
import { Session, type Profiler } from 'node:inspector';

/** What is done inside the engine (a regular expression, a search in a string) counts as one. */
export function workOf(act: () => unknown): number {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  try {
    act();
    let counted = 0;
    // It answers before it returns, for it speaks to its own thread.
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (!error)
        counted = result.filter(({ url }) => !url.startsWith('node:')).reduce((sum, script) => sum + runsOf(script), 0);
    });
    return counted;
  } finally {
    session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

function runsOf({ functions }: Profiler.ScriptCoverage): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}
