/** A text as a channel will show it: the rendition itself, through the channel's own `render`. */
import type { AccountProfile, Channel } from '../channels/channel.js';
import { isStorageAway } from '../channels/files.js';
import { profileOf } from '../core/accounts/open.js';
import { LianfaError } from '../core/errors.js';
import { inlinePictures } from '../core/media/preview-picture.js';
import { contentOf } from '../core/releases/content.js';
import { renderBeside } from '../core/threads/render.js';
import type { PreviewAnswer } from './contract/releases.js';
import type { Services } from './services.js';

export type Shown = PreviewAnswer['renditions'][number];
type Content = ReturnType<typeof contentOf>;

export interface Showing {
  /** `follows`: an older text of it stands. One channel that cannot show it hides no other. */
  show(channel: Channel, content: Content, organization: string | undefined, follows: boolean): Promise<Shown>;
}

export function openShowing({
  store,
  config,
  log,
  library,
}: Pick<Services, 'store' | 'config' | 'log' | 'library'>): Showing {
  /** An account of the unit, else a specimen. */
  async function profileFor(
    channel: Channel,
    organization: string | undefined,
  ): Promise<{ profile: AccountProfile<unknown>; account?: string }> {
    const row =
      organization === undefined
        ? undefined
        : await store.accounts.findOne({ organization, channel: channel.name }).lean();
    if (!row) return { profile: specimenOf(channel) };
    const unit = await store.organizations.findById(row.organization).lean();
    return { profile: profileOf(channel, row, unit?.name ?? row.organization), account: row._id };
  }

  async function show(
    channel: Channel,
    content: Content,
    organization: string | undefined,
    follows: boolean,
  ): Promise<Shown> {
    try {
      const { profile, account } = await profileFor(channel, organization);
      const rendition = await renderBeside(channel, content, profile, config.channelFolders);
      return {
        channel: channel.name,
        ...(account !== undefined && { account }),
        html: await inlinePictures(rendition.preview, library),
        warnings: [
          ...(follows && channel.replaces(profile) === 'cannot' ? [oldStays(channel)] : []),
          ...rendition.warnings.map(({ code, field, said }) => ({ code, field, said })),
        ],
      };
    } catch (error) {
      if (error instanceof LianfaError && error.code === 'documents_waiting') throw error;
      // A text without its pictures is not what the public will read.
      if (isStorageAway(error)) throw error;
      // One channel that can't show it hides no other.
      log.error({ err: error, channel: channel.name }, 'preview failed');
      const said = {
        zh: `“${channel.label.zh}”无法生成预览，请联系运维。`,
        en: `No preview can be made for ${channel.label.en}; ask operations.`,
      };
      return { channel: channel.name, html: '', warnings: [{ code: 'render_failed', said }] };
    }
  }

  return { show };
}

/** Told before anybody signs: on such an account only a person can take the older text away. */
function oldStays({ label }: Channel): Shown['warnings'][number] {
  return {
    code: 'old_stays',
    said: {
      zh: `“${label.zh}”账号不能由本系统撤下旧文：新文发出后，旧文须由人工在平台上删除。`,
      en: `On ${label.en} accounts like this one the older text cannot be taken away by the hub: a person must delete it on the platform.`,
    },
  };
}

const specimens = new WeakMap<Channel, AccountProfile<unknown>>();

/** A profile for a channel without an account: by the settings' own defaults, else as its sandbox's first account. */
function specimenOf(channel: Channel): AccountProfile<unknown> {
  const known = specimens.get(channel);
  if (known) return known;
  const plain = channel.accountSchema.settings.safeParse({});
  const settings = plain.success ? plain.data : channel.accountSchema.settings.parse(sandboxSettings(channel));
  const specimen = { id: 'specimen', name: '示例账号', organization: '示例单位', region: '000000', settings };
  specimens.set(channel, specimen);
  return specimen;
}

function sandboxSettings(channel: Channel): unknown {
  const sandbox = channel.sandbox();
  sandbox.open({ url: 'https://specimen.example', accepted: () => undefined, now: () => new Date() });
  const { settings } = sandbox.account(0);
  void sandbox.close?.();
  return settings;
}
