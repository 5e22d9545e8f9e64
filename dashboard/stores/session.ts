import { defineStore } from 'pinia';
import { reactive, ref } from 'vue';
import { api, ApiError, type Permission, type Session, type User } from '../api';
import { usePersonal } from './personal';

export const useSession = defineStore('session', () => {
  const user = ref<User>();
  const permissions = ref<readonly Permission[]>([]);
  /** What is to be done before anything else works. */
  const must = ref<Session['must']>();
  /** A code is asked for with the password. */
  const factor = ref(false);
  const names = reactive(new Map<string, string>());
  const wanted = new Set<string>();

  function entered(session: Session): void {
    user.value = session.user;
    permissions.value = session.may;
    must.value = session.must;
    factor.value = session.code !== undefined;
  }

  /** Whether somebody is signed in; asks the hub once. @throws ApiError where it cannot be reached. */
  async function known(): Promise<boolean> {
    if (user.value) return true;
    try {
      entered(await api.session());
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  }

  /** After something of one's own has changed. */
  async function refresh(): Promise<void> {
    entered(await api.session());
  }

  /** Until there is a code that was not used. @throws ApiError */
  async function secondsToCode(): Promise<number> {
    return (await api.session()).code?.inSeconds ?? 0;
  }

  /** Whether a code is asked for besides. */
  async function signIn(name: string, password: string): Promise<'in' | 'code'> {
    const answer = await api.signIn(name, password);
    if ('next' in answer) return 'code';
    entered(answer);
    return 'in';
  }

  /** How many recovery codes are left, where one was used. */
  async function secondStep(code: string): Promise<number | undefined> {
    const answer = await api.secondStep(code);
    if ('next' in answer) return undefined;
    entered(answer);
    return answer.recoveryCodesLeft;
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    forget();
  }

  function forget(): void {
    user.value = undefined;
    permissions.value = [];
    must.value = undefined;
    factor.value = false;
    usePersonal().forget();
  }

  /** Whether the person may do so somewhere; where, the hub says. */
  function may(permission: Permission): boolean {
    return permissions.value.includes(permission);
  }

  /** A person by name; what is no person (a worker) as the hub told it. Those that a page shows are asked for together. */
  function nameOf(by: string): string {
    if (!names.has(by) && !wanted.has(by) && /^[ui]/.test(by)) {
      if (wanted.size === 0) setTimeout(() => void ask(), 0);
      wanted.add(by);
    }
    return names.get(by) ?? by;
  }

  async function ask(): Promise<void> {
    const ids = [...wanted];
    wanted.clear();
    for (let at = 0; at < ids.length; at += 100) {
      const part = ids.slice(at, at + 100);
      // Without the names the ids are shown; that keeps nobody from anything.
      const found = await api.names(part).catch(() => []);
      for (const id of part) names.set(id, found.find((one) => one.id === id)?.displayName ?? id);
    }
  }

  return {
    user,
    permissions,
    may,
    must,
    factor,
    nameOf,
    known,
    refresh,
    secondsToCode,
    signIn,
    secondStep,
    signOut,
    forget,
  };
});
