/** Language, theme and type size: kept in the browser, put on the root element. */
import { defineStore } from 'pinia';
import { computed, ref, watchEffect } from 'vue';
import { i18n, type Language } from '../i18n';

export type Theme = 'auto' | 'light' | 'dark';
const themes: readonly Theme[] = ['auto', 'light', 'dark'];

export const usePreferences = defineStore('preferences', () => {
  const language = ref<Language>(localStorage.getItem('language') === 'en' ? 'en' : 'zh');
  const theme = ref<Theme>(themes.find((name) => name === localStorage.getItem('theme')) ?? 'auto');
  const large = ref(localStorage.getItem('large') === 'yes');

  /** A screen for a wall is open: dark unless somebody chose light, and as large as the wall. */
  const wall = ref(false);
  const night = matchMedia('(prefers-color-scheme: dark)');
  const systemDark = ref(night.matches);
  night.addEventListener('change', (event) => (systemDark.value = event.matches));
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && (wall.value || systemDark.value)));

  watchEffect(() => {
    const root = document.documentElement;
    root.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    root.classList.toggle('dark', dark.value);
    root.classList.toggle('large', large.value);
    root.classList.toggle('wall', wall.value);
    i18n.global.locale.value = language.value;
    localStorage.setItem('language', language.value);
    localStorage.setItem('theme', theme.value);
    localStorage.setItem('large', large.value ? 'yes' : 'no');
  });

  return { language, theme, large, wall, dark };
});
