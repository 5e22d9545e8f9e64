/** What the other tests lower for themselves is here as it is shipped. */
it('keeps a password by argon2id at the cost that OWASP names', async () => {
  jest.resetModules();
  const { hashPassword, passwordFits } = await import('./passwords.js');
  const kept = await hashPassword('一个很长的口令');
  expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwordFits('一个很长的口令', kept)).toBe(true);
  expect(await passwordFits('另一个很长的口令', kept)).toBe(false);
});
