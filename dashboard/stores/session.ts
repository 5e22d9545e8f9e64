import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { Permission } from '../../core/model/roles';
import { api, ApiError, type Session, type User } from '../api';

export const useSession = defineStore('session', () => {
  const user = ref<User>();
  const permissions = ref<readonly Permission[]>([]);
  const names = ref(new Map<string, string>());

  async function entered({ user: who, may: allowed }: Session): Promise<void> {
    user.value = who;
    permissions.value = allowed;
    // Without the names the ids are shown; that is no reason to keep somebody out.
    const people = await api.people().catch(() => []);
    names.value = new Map(people.map(({ id, displayName }) => [id, displayName]));
  }

  /** Whether somebody is signed in; asks the hub once. @throws ApiError where it cannot be reached. */
  async function known(): Promise<boolean> {
    if (user.value) return true;
    try {
      await entered(await api.session());
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  }

  async function signIn(name: string, password: string): Promise<void> {
    await entered(await api.signIn(name, password));
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    user.value = undefined;
  }

  function forget(): void {
    user.value = undefined;
  }

  /** A person by name; what is no person (a worker) as the hub told it. */
  function nameOf(by: string): string {
    return names.value.get(by) ?? by;
  }

  /** Whether the person may do so somewhere; where, the hub says. */
  function may(permission: Permission): boolean {
    return permissions.value.includes(permission);
  }

  /** Whom the person may know of. */
  const people = computed(() => [...names.value].map(([id, displayName]) => ({ id, displayName })));

  return { user, people, may, nameOf, known, signIn, signOut, forget };
});
