/** What the bytes of media are called in the library: `ab/abcd…`, variants beside the original. */

/** `variant` is `<channel>.<name>`. @throws Error where the hash is not one (it becomes part of a path) */
export function mediaFile(hash: string, variant?: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash) || !/^[\w.-]*$/.test(variant ?? ''))
    throw new Error(`not the name of a medium: ${hash} ${variant ?? ''}`);
  return `${hash.slice(0, 2)}/${variant === undefined ? hash : `${hash}.${variant}`}`;
}
