import { createRouter, createWebHistory, type Router } from 'vue-router';
import { rooms } from './frame/rooms';
import { useSession } from './stores/session';

/** The first room that is open to whoever comes. */
function firstRoom(): string {
  const session = useSession();
  const open = rooms.find(({ permission }) => permission === undefined || session.may(permission));
  return open?.path ?? '/releases';
}

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/'),
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
    routes: [
      { path: '/', name: 'home', component: () => import('./pages/MissingPage.vue') },
      { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue') },
      { path: '/releases', name: 'releases', component: () => import('./pages/ReleaseList.vue') },
      { path: '/releases/new', name: 'compose', component: () => import('./pages/ComposePage.vue') },
      { path: '/releases/:id', name: 'release', component: () => import('./pages/ReleasePage.vue'), props: true },
      { path: '/releases/:id/edit', name: 'edit', component: () => import('./pages/ComposePage.vue'), props: true },
      {
        path: '/releases/:id/command',
        name: 'command',
        component: () => import('./command/CommandPage.vue'),
        props: true,
        meta: { wide: true },
      },
      { path: '/tasks', name: 'tasks', component: () => import('./tasks/TasksPage.vue') },
      { path: '/reviews/:id', name: 'review', component: () => import('./reviews/ReviewPage.vue'), props: true },
      { path: '/calendar', name: 'calendar', component: () => import('./pages/CalendarPage.vue') },
      { path: '/people', name: 'people', component: () => import('./people/PeoplePage.vue') },
      { path: '/people/:id', name: 'person', component: () => import('./people/PersonPage.vue'), props: true },
      { path: '/security', name: 'security', component: () => import('./account/SecurityPage.vue') },
      { path: '/welcome', name: 'welcome', component: () => import('./account/WelcomePage.vue') },
      { path: '/accounts', name: 'accounts', component: () => import('./pages/AccountList.vue') },
      { path: '/chains', name: 'chains', component: () => import('./chains/ChainsPage.vue') },
      { path: '/units', name: 'units', component: () => import('./units/UnitList.vue') },
      { path: '/audit', name: 'audit', component: () => import('./audit/AuditPage.vue') },
      { path: '/alerts', name: 'alerts', component: () => import('./alerts/AlertsPage.vue') },
      { path: '/templates', name: 'templates', component: () => import('./event-templates/TemplatesPage.vue') },
      { path: '/templates/new', name: 'template-new', component: () => import('./event-templates/TemplateEditor.vue') },
      {
        path: '/templates/:id',
        name: 'template',
        component: () => import('./event-templates/TemplatePage.vue'),
        props: true,
      },
      {
        path: '/templates/:id/edit',
        name: 'template-edit',
        component: () => import('./event-templates/TemplateEditor.vue'),
        props: true,
      },
      { path: '/duty', name: 'duty', component: () => import('./duty/DutyPage.vue') },
      { path: '/receipts', name: 'receipt', component: () => import('./duty/ReceiptPage.vue') },
      { path: '/broadcasts', name: 'broadcasts', component: () => import('./broadcast/BroadcastPage.vue') },
      { path: '/drills', name: 'drills', component: () => import('./drills/DrillsPage.vue') },
      { path: '/drills/:id', name: 'drill', component: () => import('./drills/DrillPage.vue'), props: true },
      { path: '/freezes', name: 'freezes', component: () => import('./pages/FreezePage.vue') },
      { path: '/:missing(.*)*', name: 'missing', component: () => import('./pages/MissingPage.vue') },
    ],
  });

  router.beforeEach(async (to) => {
    if (to.name === 'sign-in' || to.name === 'welcome' || to.name === 'receipt') return true;
    // Where the hub cannot be reached the page itself says so, with a way to try again.
    const session = useSession();
    const known = await session.known().catch(() => true);
    if (!known) return { name: 'sign-in', query: { back: to.fullPath } };
    // Nothing else works before that.
    if (session.must !== undefined) return to.name === 'security' || { name: 'security' };
    return to.name !== 'home' || firstRoom();
  });
  return router;
}
