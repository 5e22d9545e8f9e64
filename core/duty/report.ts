/** Names that stand on both sides of the HTTP face. */
export const ways = ['webhook', 'mail', 'sms'] as const;
