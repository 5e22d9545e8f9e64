/** A browser and its system in two words; programs by the beginning of what they call themselves. */
export function browserOf(agent: string): string {
  const name = /(Edg|Firefox|MicroMessenger|Chrome|Safari|curl|node)/.exec(agent)?.[1] ?? agent.slice(0, 30);
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  return [name === 'Edg' ? 'Edge' : name, system].filter(Boolean).join(' · ');
}
