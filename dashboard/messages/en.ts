import type { Messages } from './zh';

/** Every word of the interface in English. */
export const en: Messages = {
  app: { name: 'Lianfa', title: 'Lianfa · joint publishing', skip: 'Skip to content', releases: 'Releases', accounts: 'Accounts', compose: 'New release', menu: 'Account menu', main: 'Main navigation' },
  signIn: {
    heading: 'Sign in', name: 'Name', password: 'Password', submit: 'Sign in', busy: 'Signing in…',
    lead: 'Written once, delivered to website, WeChat, Weibo and app; every delivery reports back the truth.', again: 'Your session has ended. Sign in again and you return to where you were.',
  },
  menu: {
    language: 'Language', theme: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark', large: 'Large type', shortcuts: 'Keyboard shortcuts', signOut: 'Sign out', signedInAs: 'Signed in as {name}',
  },
  shortcuts: {
    heading: 'Keyboard shortcuts', help: 'Show this list', releases: 'Go to releases', accounts: 'Go to accounts', compose: 'New release', search: 'Jump to search', close: 'Close a dialog or drawer', save: 'Save draft (while composing)', close_button: 'Close',
    note: 'Everything works with Tab, arrow keys and Enter; shortcuts rest while you type in a field.',
  },
  states: {
    verified: 'Verified', published: 'Published', accepted: 'Accepted', sending: 'Sending', queued: 'Queued', waiting: 'Waiting', needs_action: 'Needs a person', failed: 'Failed', cancelled: 'Cancelled', withdrawn: 'Withdrawn',
  },
  groups: { verified: 'Verified', under_way: 'Under way', waiting: 'Waiting', needs_action: 'Needs a person', failed: 'Failed', taken_back: 'Cancelled / withdrawn' },
  kinds: { news: 'News', notice: 'Notice', policy: 'Policy', interpretation: 'Interpretation', emergency: 'Emergency', live: 'Live' },
  actions: { publish: 'Publish', withdraw: 'Withdraw' },
  lanes: { routine: 'Routine lane', emergency: 'Emergency lane' },
  credentials: { ok: 'Credential valid', dead: 'Credential dead', unchecked: 'Not checked' },
  common: {
    retry: 'Try again', reload: 'Reload', cancel: 'Cancel', close: 'Close', save: 'Save', loading: 'Loading…', all: 'All', next: 'Next page', previous: 'Previous page', more: 'Load more',
    total: '{count} in all', whatNow: 'What to do: ', optional: 'optional', required: 'required', none: 'None', remove: 'Remove', openNew: '(opens in a new window)',
  },
  line: { lost: 'Connection lost, reconnecting…', last: 'This is the data of {time}; it may have changed.', open: 'Live', connecting: 'Connecting…' },
  releases: {
    heading: 'Releases', search: 'Find among the loaded releases', searchShort: 'Title or person', none: 'No releases yet', noneTodo: 'Choose “New release” to write the first, or import a Word or Markdown document.', noMatch: 'None of the {count} loaded releases matches “{q}”.', noMatchTodo: 'Try another word, or load more first.',
    title: 'Title', kind: 'Kind', updated: 'Updated', by: 'By', state: 'Deliveries', draft: 'Draft, not sent', withdrawn: 'Withdrawn', accounts: '{count} deliveries', loaded: '{count} loaded',
  },
  release: {
    back: 'All releases', revision: 'Revision {number}', signed: 'Signed by {by}, {time}', unsigned: 'Draft, not signed', created: 'Created by {by}, {time}', edit: 'Edit', editNote: 'A signed revision never changes; an edit becomes the next one.', withdraw: 'Withdraw', publish: 'Edit and publish',
    withdrawal: 'Withdrawal: {done} of {total} accounts taken back', withdrawalAsks: '{count} need a person', withdrawnAt: 'Withdrawn {time}', finished: 'Every delivery has its final result', running: 'Deliveries under way', unsent: 'Not sent yet', unsentTodo: 'Choose “Edit and publish”, set the audience and sign.', glance: 'At a glance', progress: 'Verified {verified} / {total}', progressFinal: '{final} have a final result', public: 'Public address',
    chart: 'Chart', table: 'Table', view: 'Show as', chartLabel: 'Deliveries by channel: {summary}', channel: 'Channel', total: 'Total', dispatches: 'Orders', dispatch: '{action} ordered by {by}, {time} ({lane}), {count} deliveries', dispatchRunning: 'Handing out', dispatchDone: 'Handed out', body: 'Body', content: 'Content', showContent: 'Show the signed content',
  },
  deliveries: {
    heading: 'Deliveries', channel: 'Channel', state: 'State', action: 'Action', search: 'Name of account or unit, from its beginning', account: 'Account', unit: 'Unit', since: 'Since', attempts: 'Attempts', cause: 'Explanation', link: 'Public address', open: 'Open', resume: 'resumes {time}', due: 'checked {time}', none: 'No delivery matches', noneTodo: 'Widen the filters.', clear: 'Clear filters',
    range: '{from}–{to}', rangeOf: '{from}–{to} of {total}', operate: 'Actions', moving: 'The list follows the deliveries live', loadingRows: 'Loading deliveries…', details: 'Show what happened to “{name}”',
  },
  delivery: {
    heading: 'What happened', timeline: 'Timeline', now: 'Now', attempt: 'Attempt {n}', platform: 'The platform said', code: 'Platform code {code}', requestId: 'Request {id}', cause: 'Cause', todo: 'What to do', resumes: 'Resumes {time}', checks: 'Looked at again {time}', by: 'by {by}', ignored: 'Not taken (did not fit the state)', retry: 'Deliver again', retryNote: 'The platform is asked first; nothing is posted twice.', retried: 'Queued again; the platform is asked first.', resolve: 'Say what happened', link: 'Open the public page', id: 'Delivery',
    since: 'since {time}', system_publish: 'publisher', system_schedule: 'scheduled check', system_callback: 'platform callback', region: 'Region {code}',
  },
  resolve: {
    heading: 'What happened: {name}', lead: 'Check on the platform first, then choose what is true. Your choice is kept in the timeline.', outcome: 'What is true', published: 'It is published', publishedNote: 'the public can see it', not_published: 'It is not published', not_publishedNote: 'it will be published again', cancelled: 'No longer wanted', cancelledNote: 'this delivery is cancelled', url: 'Public address (optional)', note: 'How you checked', noteHint: 'For example: looked in the account’s back end, the article was sent.', submit: 'Record and act', done: 'Recorded.', noteMissing: 'Say how you checked.', urlInvalid: 'Give a whole address that begins with http:// or https://.',
    published_withdraw: 'It is taken down', published_withdrawNote: 'the public no longer sees it', not_published_withdraw: 'It is still up', not_published_withdrawNote: 'it will be withdrawn again', cancelled_withdraw: 'Leave it up', cancelled_withdrawNote: 'this withdrawal is cancelled',
  },
  withdraw: {
    heading: 'Withdraw the release', lead: '“{title}” will be withdrawn from the {count} accounts it went to.', leadAtMost: '“{title}” will be withdrawn from every account it went to ({count} deliveries of all revisions, at most as many accounts).', submitAll: 'Withdraw from all accounts', byChannel: '{channel} {count}', unable: 'Some platforms offer no call for this; those accounts will ask for a person.', reason: 'Reason', reasonHint: 'Kept on record, not shown to the public.', reasonMissing: 'Give the reason.', submit: 'Withdraw from {count} accounts', done: 'Withdrawal ordered; follow it below.',
  },
  compose: {
    headingNew: 'New release', headingEdit: 'Edit release', next: 'Saving makes revision {number}; signed revisions stay as they are.', import: 'Import a document', importHint: 'Markdown, Word (.docx), HTML, plain text', importing: 'Reading the document…', imported: '“{name}” was read.',
    title: 'Title', summary: 'Summary', summaryHint: 'Left empty, each channel takes it from the body.', interprets: 'Policy explained', interpretsHint: 'On the sites, the policy and this interpretation link to each other.', noPolicies: 'No policy is in the hub yet: write it first, then choose it here.', kind: 'Kind', source: 'Source', sourceHint: 'The publishing unit, or where it is reprinted from', author: 'Author', columns: 'Site columns', columnsHint: 'Press Enter after each', keywords: 'Keywords', body: 'Body', format: 'Format of the body', markdown: 'Markdown', html: 'Rich text / HTML', text: 'Plain text', bodyHint: 'Paste from Word, WPS or a web page; the layout is cleaned by rule.', pastedRich: 'Pasted as rich text; the format is now HTML.', pastedPlain: 'The body already holds Markdown; pasted as plain text.',
    pictures: 'Pictures', addPictures: 'Add pictures', alt: 'Description (for screen readers and when it cannot load)', altMissing: 'Describe the picture for those who cannot see it.', cover: 'Make cover', isCover: 'Cover', insert: 'Put into body', inserted: 'In the body', afterBody: 'Pictures outside the body follow it', uploading: 'Uploading {percent}%', preparing: 'Being prepared for the channels', ready: 'Ready', refused: 'Cannot be used', refusedTodo: 'It cannot be made to fit the channels; remove it and use another.', attachments: 'Attachments', addAttachments: 'Add attachments', attachmentName: 'Name of the attachment',
    audience: 'Audience', channels: 'Channels', units: 'Units', unitsHint: 'A unit includes all below it; none chosen means all units', unitsAll: 'All units', unitsChosen: '{count} units chosen (with all below)', chooseUnits: 'Choose units', findUnits: 'Find a unit by name', regions: 'Regions', regionsHint: 'By administrative division, with all below', tags: 'Account tags', size: '{count} accounts', sizeBusy: 'Counting…', sizeNone: 'No account in this audience; change it.', lane: 'Lane', laneHint: 'The emergency lane does not wait behind routine work; for emergencies only.',
    previews: 'As each channel will show it', previewsHint: 'made by the same renderer as the real thing', previewWait: 'Fill in title, source and body to see what each channel will show.', previewBusy: 'Updating…', phone: 'Phone', desktop: 'Desktop', frameOf: '{channel} as it will look', screenOf: 'Screen for {channel}', warnings: '{count} warnings', noWarnings: 'No warnings', specimen: 'shown with a specimen account', withAccount: 'shown with account “{account}”', dropped: 'Cleaning the body left this out', droppedRow: '{said} ({count})',
    save: 'Save draft', publish: 'Save and publish', saved: 'Saved as revision {number}.', unsaved: 'Unsaved changes', leave: 'There are unsaved changes. Leave all the same?', missing: 'Please fill in: {fields}', chooseChannel: 'Choose at least one channel.', pictureBusy: 'Pictures are still uploading; wait a moment.',
  },
  emergency: {
    heading: 'Warning', on: 'This is a warning: state it by field', off: 'Without the fields each channel can only look for level, area and action in the text.', status: 'Nature', Actual: 'Actual', Exercise: 'Exercise', drillHint: 'Every channel’s title will begin with “Exercise” (演练).', msgType: 'Message', Alert: 'Alert', Update: 'Update', Cancel: 'Lifting', references: 'Warning meant', referencesHint: 'Choose the earlier warning', noReferences: 'No emergency has gone out yet.',
    level: 'Level', blue: 'Blue · ordinary', yellow: 'Yellow · considerable', orange: 'Orange · serious', red: 'Red · extremely serious', event: 'Event', eventHint: 'For example: typhoon, rainstorm', category: 'Category', Met: 'Weather', Geo: 'Geological', Safety: 'Public safety', Security: 'Security', Rescue: 'Rescue', Fire: 'Fire', Health: 'Public health', Env: 'Environment', Transport: 'Transport', Infra: 'Infrastructure', CBRNE: 'CBRNE', Other: 'Other',
    areas: 'Areas', areasHint: 'Choose or type, for example “350100 福州市”; the code is that of GB/T 2260, and a name alone will do.', onset: 'Begins (Beijing time)', expires: 'Ends (Beijing time)', instruction: 'What people must do', instructionHint: 'The most urgent first: Weibo and notifications take their words from here.', responseType: 'Kind of action', Shelter: 'Take shelter', Evacuate: 'Evacuate', Prepare: 'Prepare', Execute: 'Follow the plan', Avoid: 'Keep away', Monitor: 'Watch for news', None: 'No action', contact: 'Telephone for questions',
  },
  policy: { heading: 'Public document', index: 'Index number', number: 'Document number', numberHint: 'For example: 示政办发〔2026〕18号', issuer: 'Issuing body', signed: 'Date signed', validity: 'Validity', topic: 'Topic', keywords: 'Subject words' },
  publish: { heading: 'Sign and publish', lead: '“{title}” will go to {count} accounts', channel: '{channel}', accounts: '{count} accounts', lane: 'Lane', frozen: 'Once signed, this revision cannot change; a correction is a new revision.', warnings: 'There are still {count} channel warnings; make sure they are acceptable.', submit: 'Sign and send to {count} accounts', done: 'Ordered; deliveries are under way.' },
  accounts: {
    heading: 'Accounts', name: 'Account', channel: 'Channel', unit: 'Unit', region: 'Region', tags: 'Tags', credential: 'Credential', checked: 'checked {time}', daysLeft: '{days} days left', check: 'Check now', checking: 'Checking…', checkName: 'Check account “{name}”', import: 'Import accounts', none: 'No accounts yet', noneTodo: 'Choose “Import accounts” to register many at once from CSV or JSON.', noMatch: 'No account matches', disabled: 'Disabled',
    authorise: 'Authorise', authoriseName: 'Authorise account “{name}”', leaving: 'Going to the platform…', soonAuthorise: 'The credential ends soon: press “Authorise” now; doing so before the end stops nothing.', soonReplace: 'The credential ends soon: replace it on the platform and import the account again.',
  },
  accountImport: {
    heading: 'Import accounts', lead: 'Choose a CSV or JSON file. Rows at fault are listed one by one, the others are imported; importing an account again updates it.', csv: 'The first CSV line names the columns: channel,name,organization,tags (separated by semicolons); further columns are settings.NAME or credentials.NAME.', choose: 'Choose a file', reading: 'Reading…', sending: '{done} of {total} rows done', created: '{count} created', updated: '{count} updated', refused: '{count} refused', row: 'Row', field: 'Column', reason: 'Reason', empty: 'There are no accounts in the file.', all: 'Everything was imported.', gbk: 'The file was read as GBK.',
  },
  notices: {
    heading: 'Notices', open: 'Notices', openUnseen: 'Notices, {count} unseen', good: 'Works again', info: 'For information', warning: 'Take care', urgent: 'Urgent', markSeen: 'Mark as seen', allSeen: 'Mark all as seen', shared: 'Everybody shares these notices: seen by one is seen.',
    none: 'Nothing to tell', noneTodo: 'Credentials that end soon, are dead or work again are told here.',
  },
  missing: { heading: 'There is no such page', todo: 'Use the navigation, or go back to the releases.' },
};
