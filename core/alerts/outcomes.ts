/** What became of an alert, in plain words with the next act: one table for the page, the command, the answer of the API and notices. */
import type { Said } from '../../channels/channel.js';
import type { AlertOutcome, AlertRow } from '../model/alert.js';
import type { NoticeLevel } from '../model/notice.js';

interface Words {
  said: Said;
  todo: Said;
  /** A person is told; `undefined`: nobody needs to know at once. */
  notice: NoticeLevel | undefined;
  /** A person may take it in all the same. */
  may: boolean;
}

/** @throws nothing */
export function wordsOf({
  outcome,
  msgType,
  expires,
  at,
}: Pick<AlertRow, 'outcome' | 'msgType' | 'expires' | 'at'>): Words {
  const words = table(outcome, msgType);
  const over = expires !== undefined && expires <= at && msgType !== 'Cancel';
  if (!over || (outcome.is !== 'drafted' && outcome.is !== 'revised')) return words;
  return {
    ...words,
    said: { zh: `${words.said.zh}收到时已过失效时间。`, en: `${words.said.en} It had expired on arrival.` },
    todo: {
      zh: '已失效的预警不能签发：请向发文单位核实，仍然有效的改正失效时间，否则不再处理。',
      en: 'What has expired is not signed: ask the sender; correct the expiry where it still holds, else leave it.',
    },
  };
}

function table(outcome: AlertOutcome, msgType: string | undefined): Words {
  const words = (
    notice: NoticeLevel | undefined,
    may: boolean,
    said: [zh: string, en: string],
    todo: [zh: string, en: string],
  ): Words => ({ said: { zh: said[0], en: said[1] }, todo: { zh: todo[0], en: todo[1] }, notice, may });
  const draft: [string, string] = [
    '打开草稿，核对标出的各项，补齐后送审。',
    'Open the draft, check what is flagged, fill in what is missing, and submit it.',
  ];
  switch (outcome.is) {
    case 'taking':
      return words(
        undefined,
        false,
        ['正在成稿。', 'On its way into a draft.'],
        ['稍候刷新。', 'Look again in a moment.'],
      );
    case 'drafted':
      return words('urgent', false, ['已成为新的草稿。', 'It became a new draft.'], draft);
    case 'revised':
      return msgType === 'Cancel'
        ? words(
            'urgent',
            false,
            ['已成为所解除预警的下一版（解除）。', 'It became the next revision of what it cancels: a lifting.'],
            draft,
          )
        : words(
            'urgent',
            false,
            ['已成为所更新预警的下一版。', 'It became the next revision of what it updates.'],
            draft,
          );
    case 'waits':
      return words(
        'warning',
        true,
        [
          '它更新或解除的那一条还没有收到，先等着；收到后自动接上。',
          'What it updates or cancels has not come yet; once it comes, this follows by itself.',
        ],
        [
          '向发文单位索要前一条；情况紧急时可“仍然收下”，成为单独的草稿。',
          'Ask the sender for the one before; where it is urgent, take it in all the same as a draft of its own.',
        ],
      );
    case 'late':
      return words(
        'info',
        false,
        [`来迟了，没有改动任何内容：${outcome.why.zh}`, `It came late and changed nothing: ${outcome.why.en}`],
        [
          '请看一眼原文；确有新内容的，由人写进发布件。',
          'Look at the raw message; what is new in it a person writes into the release.',
        ],
      );
    case 'ask':
      return words(
        'urgent',
        true,
        [`需要人来决定：${outcome.why.zh}`, `A person must decide: ${outcome.why.en}`],
        [
          '打开相关的发布件，由人更新或解除；也可“仍然收下”，成为单独的草稿。',
          'Open the releases concerned and update or lift them by hand, or take it in all the same as a draft of its own.',
        ],
      );
    case 'conflict':
      return words(
        'urgent',
        true,
        [
          '同一发送者用过这个编号，内容却不同，先扣下。',
          'The sender has used this identifier for another message; it is held.',
        ],
        [
          '与发文单位核实：确为新消息的，点“仍然收下”；否则不用处理。',
          'Ask the sender: where it is a new message take it in all the same, else leave it.',
        ],
      );
    case 'unknown_sender':
      return words(
        'warning',
        true,
        ['发送者没有登记，先扣下。', 'The sender is not registered; it is held.'],
        [
          '核实来源：由运维登记该来源后重收，或由值班人员“仍然收下”。',
          'Check where it comes from: an operator registers the source and it is taken again, or whoever is on duty takes it in all the same.',
        ],
      );
    case 'unsigned':
      return words(
        'warning',
        true,
        ['这个来源必须带签名，这一条没有，先扣下。', 'This source must sign and this one is not signed; it is held.'],
        [
          '用电话向发文单位核实后，可“仍然收下”。',
          'Ask the sender by telephone; then it may be taken in all the same.',
        ],
      );
    case 'flood':
      return words(
        'urgent',
        true,
        [
          `这个来源一小时内已成稿 ${outcome.most} 份，超出的先扣下，一份不丢。`,
          `This source has had ${outcome.most} drafts within the hour; what goes beyond is held, and none is lost.`,
        ],
        [
          '核实是否对方系统故障；需要的逐份“仍然收下”，或由运维提高上限后重收。',
          'Find out whether their system is at fault; take in what is needed, or have an operator raise the bound and take them again.',
        ],
      );
    case 'answer':
      return words(
        'info',
        false,
        [
          '这是对方系统的回执或报错，只留存，不成稿。',
          "It is another system's answer (Ack, Error): kept, and nothing is made of it.",
        ],
        ['报错（Error）请查看原文，联系对方。', 'Where it is an Error, read it and ask them.'],
      );
    case 'not_drafted':
      return words(
        'urgent',
        true,
        [`没能成稿：${outcome.why.zh}`, `No draft could be made of it: ${outcome.why.en}`],
        [
          '按原文手工编写；排除原因后也可重收。',
          'Write it by hand from the raw message; once the cause is gone it may be taken again.',
        ],
      );
    case 'refused':
      return words(
        'warning',
        false,
        [
          `不是有效的 CAP 1.2 预警：${outcome.element}，第 ${outcome.line} 行：${outcome.why.zh}`,
          `No valid CAP 1.2 alert: ${outcome.element}, line ${outcome.line}: ${outcome.why.en}`,
        ],
        [
          '把这句话转给发文单位，请其改正重发；紧急内容先按原文手工编写。',
          'Pass this sentence to the sender; what is urgent, write by hand from the raw message.',
        ],
      );
  }
}
