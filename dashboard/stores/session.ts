import { defineStore } from 'pinia';
import { ref } from 'vue';
import { api, ApiError, type User } from '../api';

export const useSession = defineStore('session', () => {
  const user = ref<User>();

  /** Whether somebody is signed in; asks the hub once. @throws ApiError where it cannot be reached. */
  async function known(): Promise<boolean> {
    if (user.value) return true;
    try {
      user.value = (await api.session()).user;
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  }

  async function signIn(name: string, password: string): Promise<void> {
    user.value = (await api.signIn(name, password)).user;
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    user.value = undefined;
  }

  function forget(): void {
    user.value = undefined;
  }

  /** A person by name where it is oneself; else as the hub told it. */
  function nameOf(by: string): string {
    return user.value && by === user.value.id ? user.value.displayName : by;
  }

  return { user, nameOf, known, signIn, signOut, forget };
});
