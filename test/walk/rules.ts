/** What holds the protocol up. Each rule is taken away in turn, to see what it prevents. */
export const rules = {
  claimByPlacement:
    'one claim a placement, whatever the order: who comes later waits for the answer of who came before',
  doorToken: 'right before each request: is the claim still mine?',
  doorFence: 'and is mine still the newest order?',
  doorRun: 'and is Redis the run under which I claimed?',
  fenceGrows: 'only a higher order raises the fence, whoever writes it',
  rowAfterClaim: 'who is not surely first reads the row when it holds the claim',
  firstSameRun: 'a job is sure only if Redis is still the run in which dispatch began, before it wrote the row',
  firstSettled: 'a later order is sure only where the ledger has the sure outcome of the order before it',
  findFirst: 'who is not sure asks the platform before it sends',
  findEarlier: 'and asks for every earlier order, not for its own alone',
  settle: '"not there" counts only when nothing can be under way any more',
  rowFresh: 'a row is believed only when record has written all outcomes that the claim counts',
  lateKept: 'an acceptance that comes after its claim was lost still stands in the row',
  ownOutcome: 'nothing is done before the newest order has an outcome of its own',
  ownStaysOpen: 'a look closes earlier tries; the try that looks stays open until its own outcome',
  rowKnowsRun:
    'the row keeps the Redis runs of its newest and of its oldest unsettled order: under another nothing is sure',
  doubtTold: 'where the platform cannot be asked, a person is told which older text may stand beside the newer',
  reread: 'what is verified is read again, and so are orders that were closed by a look alone',
  lookWithOutcome: 'what a look found is told in one step with what was done after it, so that nothing comes between',
  takingBackAsked: 'an earlier order to take back, too, counts as asked only when nothing of it can be under way',
  newerKept: 'what an older order did at a place leaves in the row what a newer one put there',
  partKept: 'what became public before a refusal stands in the row, and what goes with it is still to be done',
  seenBeforeAway: 'an older text is taken away only when the newer one is seen public',
  doorFreezes: 'and do I know the freezes that are in force now?',
  markOfRun: 'what Redis says of the freezes counts only in the run in which it was said',
  markGrows: 'of two who read the ledger, the later word counts, whoever says it last',
  runBeforeFreezes: 'who reads the freezes in the ledger has looked first which run Redis is',
  doorExpires: 'and has the end that was signed with my order not come yet?',
  takingBackPasses: 'what takes something back leaves after that end, too',
  lateIsWrong: 'an acceptance that comes when a newer order is through counts as wrong until it is seen',
  updateWaits: 'an update is put on no placement before the orders that it goes on from',
} as const;

export type Rule = keyof typeof rules;
