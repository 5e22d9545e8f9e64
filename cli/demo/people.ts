/** The people of the demonstration: one for each role, as no one person may hold them all. */
import { createVault, readSecret } from '../../core/accounts/vault.js';
import type { Config } from '../../core/hub/config.js';
import { addPerson } from '../../core/people/add.js';
import { newPassword } from '../../core/people/first-person.js';
import { roleNames, roles, type Role } from '../../core/model/roles.js';
import { openStore } from '../../core/store/store.js';

export interface DemoPerson {
  role: Role;
  name: string;
  password: string;
}

const names: Readonly<Record<Role, string>> = {
  admin: '周管理',
  writer: '林采编',
  reviewer: '陈审核',
  signer: '郑签发',
  commander: '吴指挥',
  operator: '何运维',
  auditor: '许审计',
};

/** Writes them into a data folder that no hub has opened yet. */
export async function settlePeople(config: Config): Promise<DemoPerson[]> {
  const store = await openStore({ uri: config.mongoUri, dataFolder: config.dataFolder });
  try {
    const means = { store, vault: createVault(await readSecret(config)) };
    const people: DemoPerson[] = [];
    for (const role of roles) {
      const person = { role, name: role, password: newPassword() };
      await addPerson(means, { ...person, displayName: `${names[role]}（${roleNames[role].zh}）`, roles: [role] });
      people.push(person);
    }
    return people;
  } finally {
    await store.close();
  }
}
