import 'element-plus/theme-chalk/dark/css-vars.css';
import './styles.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { onSignedOut } from './api';
import App from './App.vue';
import { i18n } from './i18n';
import { makeRouter } from './router';
import { usePreferences } from './stores/preferences';
import { useSession } from './stores/session';

const app = createApp(App).use(createPinia()).use(i18n);
usePreferences();
const router = makeRouter();
app.use(router);

onSignedOut(() => {
  useSession().forget();
  const here = router.currentRoute.value;
  if (here.name !== 'sign-in') void router.push({ name: 'sign-in', query: { back: here.fullPath, ended: 'yes' } });
});

app.mount('#app');
