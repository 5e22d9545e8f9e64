/**
 * The environment without anything that names an installation: what seeds, measures or breaks a hub of its own must not
 * find its way to one whose accounts the public reads, whatever the shell in which it was started is set up for.
 */
export function apart(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const named = /^(?:LIANFA_(?!LOG$)\w+|MONGODB_URI|REDIS_\w+|STORAGE_\w+)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !named.test(name)));
}
