/** Every word of the interface, a file a room, in both languages: a room whose words are missing in one does not compile. */
import * as app from './app';
import * as signIn from './sign-in';
import * as menu from './menu';
import * as shortcuts from './shortcuts';
import * as states from './states';
import * as groups from './groups';
import * as kinds from './kinds';
import * as actions from './actions';
import * as urgencies from './urgencies';
import * as certainties from './certainties';
import * as severities from './severities';
import * as lanes from './lanes';
import * as credentials from './credentials';
import * as common from './common';
import * as line from './line';
import * as releases from './releases';
import * as release from './release';
import * as placements from './placements';
import * as placement from './placement';
import * as happenings from './happenings';
import * as resolve from './resolve';
import * as withdraw from './withdraw';
import * as compose from './compose';
import * as emergency from './emergency';
import * as ending from './ending';
import * as policy from './policy';
import * as tasks from './tasks';
import * as reviewStates from './review-states';
import * as consents from './consents';
import * as broadcast from './broadcast';
import * as reviews from './reviews';
import * as when from './when';
import * as plan from './plan';
import * as calendar from './calendar';
import * as fields from './fields';
import * as accounts from './accounts';
import * as start from './start';
import * as audit from './audit';
import * as survey from './survey';
import * as audiences from './audiences';
import * as units from './units';
import * as drills from './drills';
import * as duty from './duty';
import * as eventTemplates from './event-templates';
import * as receipt from './receipt';
import * as tableImport from './table-import';
import * as security from './security';
import * as welcome from './welcome';
import * as people from './people';
import * as alertStatuses from './alert-statuses';
import * as alertScopes from './alert-scopes';
import * as alertRoads from './alert-roads';
import * as alerts from './alerts';
import * as inlets from './inlets';
import * as notices from './notices';
import * as freeze from './freeze';
import * as occasions from './occasions';
import * as chains from './chains';
import * as command from './command';
import * as flight from './flight';
import * as missing from './missing';

const rooms = {
  app,
  signIn,
  menu,
  shortcuts,
  states,
  groups,
  kinds,
  actions,
  urgencies,
  certainties,
  severities,
  lanes,
  credentials,
  common,
  line,
  releases,
  release,
  placements,
  placement,
  happenings,
  resolve,
  withdraw,
  compose,
  emergency,
  ending,
  policy,
  tasks,
  reviewStates,
  consents,
  broadcast,
  reviews,
  when,
  plan,
  calendar,
  fields,
  accounts,
  start,
  audit,
  survey,
  audiences,
  units,
  drills,
  duty,
  eventTemplates,
  receipt,
  tableImport,
  security,
  welcome,
  people,
  alertStatuses,
  alertScopes,
  alertRoads,
  alerts,
  inlets,
  notices,
  freeze,
  occasions,
  chains,
  command,
  flight,
  missing,
};

type Rooms = typeof rooms;
export type Messages = { [Room in keyof Rooms]: Rooms[Room]['zh'] };

function inLanguage(language: 'zh' | 'en'): Messages {
  return Object.fromEntries(Object.entries(rooms).map(([room, words]) => [room, words[language]])) as Messages;
}

export const zh = inLanguage('zh');
export const en = inLanguage('en');
