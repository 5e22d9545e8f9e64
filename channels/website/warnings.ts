/** What an editor should know before signing for a website. */
import type { ReleaseContent, Warning } from '../channel.js';
import type { Body } from './body.js';
import type { Settings } from './settings.js';

/** Longer titles take more than two lines in a list on a phone. */
const titleInLists = 50;

export function warningsOf(
  release: ReleaseContent,
  body: Body,
  type: Settings['type'],
  places: { columns: readonly string[]; unknown: readonly string[] },
): Warning[] {
  return [
    ...ofText(release, body),
    ...ofPlaces(places),
    ...ofPictures(release, body),
    ...ofDocument(release),
    ...(type === 'micropub' ? ofRemote(release) : ofWarning(release)),
  ];
}

function* ofText(release: ReleaseContent, body: Body): Generator<Warning> {
  if (!release.source.trim()) {
    yield warn(
      'source-missing',
      'source',
      '没有填写来源。政府网站文章页必须标明来源（ContentSource），请补上发布单位或转载来源。',
      'No source given. An article page must name its source (ContentSource): add the publishing unit or where it is reprinted from.',
    );
  }
  const length = [...release.title].length;
  if (length > titleInLists) {
    yield warn(
      'title-long',
      'title',
      `标题有 ${length} 字，超过 ${titleInLists} 字，在手机列表中会占三行以上，建议精简。`,
      `The title has ${length} characters; beyond ${titleInLists} it takes three lines or more in lists on a phone. Consider a shorter one.`,
    );
  }
  if (!release.summary.trim()) {
    yield warn(
      'summary-made',
      'summary',
      '没有填写摘要，列表和搜索结果将使用正文开头。',
      'No summary given; lists and search results will show the beginning of the text.',
    );
  }
  if (!body.text)
    yield warn(
      'body-empty',
      'body',
      '正文没有文字，请确认是否完整。',
      'The body has no text. Check that it is complete.',
    );
  if (!release.columns.length) {
    yield warn(
      'column-missing',
      'columns',
      '没有指定栏目，将按体裁归入对应栏目。',
      'No column named; the one of its kind will be used.',
    );
  }
  if (body.found.skippedLevel) {
    yield warn(
      'heading-skipped',
      'body',
      '小标题跳级（例如从二级直接到四级），会影响读屏软件使用，建议逐级设置。',
      'A heading level is skipped, which confuses screen readers. Use the levels in order.',
    );
  }
  if (body.found.media) {
    yield warn(
      'media-elsewhere',
      'body',
      `正文中的 ${body.found.media} 个音视频由其他网站提供，读者点击播放才会加载；本站不保存也不核验其内容。`,
      `${body.found.media} audio or video item(s) are served by other sites and load only when played; they are neither kept nor checked here.`,
    );
  }
}

function* ofPlaces({
  columns,
  unknown,
}: {
  columns: readonly string[];
  unknown: readonly string[];
}): Generator<Warning> {
  if (!unknown.length) return;
  yield warn(
    'column-unknown',
    'columns',
    `本站没有栏目“${unknown.join('”“')}”，只作为关键词保留；文章放在“${columns.join('”“')}”。`,
    `This site has no column “${unknown.join('”, “')}”: kept as keywords; the article stands in “${columns.join('”, “')}”.`,
  );
}

function* ofWarning({ emergency }: ReleaseContent): Generator<Warning> {
  if (!emergency || emergency.msgType === 'Cancel') return;
  const unsaid = [
    { field: 'urgency', zh: '紧迫程度', en: 'urgency', said: emergency.urgency },
    { field: 'certainty', zh: '确定程度', en: 'certainty', said: emergency.certainty },
  ].filter(({ said }) => said === undefined);
  for (const { field, zh, en } of unsaid)
    yield warn(
      `${field}-unsaid`,
      `emergency.${field}`,
      `没有填写${zh}，读取预警的程序（CAP）会看到“未知”。`,
      `The ${en} is not given; programs that read the warning (CAP) are told “Unknown”.`,
    );
}

function* ofPictures(release: ReleaseContent, body: Body): Generator<Warning> {
  if (body.found.unknown) {
    yield warn(
      'picture-unknown',
      'pictures',
      `正文引用的 ${body.found.unknown} 张图片不在本稿图片中，已去掉。`,
      `${body.found.unknown} picture(s) in the text do not belong to this release and were left out.`,
    );
  }
  if (body.found.appended.length) {
    yield warn(
      'picture-appended',
      'pictures',
      `${body.found.appended.length} 张图片没有在正文中排位，已放在文末。`,
      `${body.found.appended.length} picture(s) have no place in the text and stand at its end.`,
    );
  }
  const numbered = /审图号|[\p{Script=Han}]?S[（(]\d{4}[)）]\d+号/u;
  for (const [n, hash] of [...new Set(body.placed)].entries()) {
    const picture = release.pictures.find((entry) => entry.hash === hash);
    const words = `${picture?.alt ?? ''} ${body.captions.get(hash) ?? ''}`;
    if (!picture?.alt.trim()) {
      yield warn(
        'alt-missing',
        'pictures',
        `第 ${n + 1} 张图片没有文字说明，视障读者无法得知内容，请补上。`,
        `Picture ${n + 1} has no description; blind readers cannot know what it shows. Add one.`,
      );
    }
    if (/地图|地圖|版图|版圖|行政区划图|示意图.*国界/.test(words) && !numbered.test(words)) {
      yield warn(
        'map-unnumbered',
        'pictures',
        `第 ${n + 1} 张图片像是地图，但没有标注审图号。政府网站只能使用标准地图，或注明审图号。`,
        `Picture ${n + 1} seems to be a map without its review number (审图号). Use a standard map or give the number.`,
      );
    }
  }
}

function* ofDocument({ kind, policy, interprets }: ReleaseContent): Generator<Warning> {
  if (kind === 'interpretation' && !interprets?.length) {
    yield warn(
      'policy-unlinked',
      'interprets',
      '解读没有注明所解读的政策文件，两个页面不会互相链接；政策与解读双向链接是网站检查的内容。',
      'This interpretation names no policy, so the two pages will not link to each other, which inspections of government sites ask for.',
    );
  }
  if (kind !== 'policy') return;
  const missing = [
    ['发文字号', policy?.number],
    ['发文机关', policy?.issuer],
    ['成文日期', policy?.signed],
    ['索引号', policy?.index],
  ]
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (missing.length) {
    yield warn(
      'document-header',
      'policy',
      `政策文件缺少：${missing.join('、')}。`,
      `The document header lacks: ${missing.join(', ')}.`,
    );
  }
}

function* ofRemote({ policy, attachments, kind, interprets, interpretations }: ReleaseContent): Generator<Warning> {
  if (policy && Object.values(policy).some(Boolean)) {
    yield warn(
      'header-in-text',
      'policy',
      '对方网站的接口没有公文信息栏，索引号、发文字号等将写在正文之前。',
      'The remote site has no fields for the document header; it is written before the text.',
    );
  }
  if (interprets?.length || interpretations?.length) {
    yield warn(
      'link-not-sent',
      'interprets',
      '对方网站的接口不能关联政策与解读，请在对方网站上设置双向链接。',
      'The remote site’s interface cannot link policy and interpretation; set the links on that site.',
    );
  }
  if (attachments.length) {
    yield warn(
      'attachments-in-text',
      'attachments',
      '附件将上传到对方网站的媒体库，并在正文之后列出链接。',
      'Attachments are uploaded to the remote site’s media store and linked after the text.',
    );
  }
  if (kind === 'emergency') {
    yield warn(
      'remote-may-lag',
      'kind',
      '对方网站可能先收下、稍后才显示，紧急信息请留意是否已公开。',
      'The remote site may accept now and show later; watch that emergency news becomes public.',
    );
  }
}

function warn(code: string, field: string, zh: string, en: string): Warning {
  return { code, field, said: { zh, en } };
}
