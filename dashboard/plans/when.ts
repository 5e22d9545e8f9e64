/** When a release is to go out, as it is chosen. Clock times are those of Beijing, as the field shows them. */
export interface When {
  planned: boolean;
  /** `2026-12-01T09:00` */
  at: string;
  until: string;
}

export function atOnce(): When {
  return { planned: false, at: '', until: '' };
}

/** What is sent: the hub reads a time without an offset by the clock of Beijing. */
export function timingOf({ planned, at, until }: When): { notBefore?: string; expires?: string } {
  if (!planned) return {};
  return { ...(at && { notBefore: at }), ...(until && { expires: until }) };
}
