/** How long an answer of the hub takes, in milliseconds to its last byte. Throws where it is a refusal. */
export async function answerTime(url: string, key: string): Promise<number> {
  const began = performance.now();
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return performance.now() - began;
}
