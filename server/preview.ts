/** The preview is the rendition itself: the same content, cleaned the same way, through the channel's own `render`. */
import type { AccountProfile, Channel } from '../channels/channel.js';
import { profileOf } from '../core/accounts/open.js';
import { LianfaError } from '../core/errors.js';
import { mediaFolder } from '../core/media/files.js';
import { inlinePictures } from '../core/media/preview-picture.js';
import { renderBeside } from '../core/threads/render.js';
import { composeContent } from '../core/releases/compose.js';
import { contentOf } from '../core/releases/content.js';
import { preview, previewAnswer, type PreviewAnswer } from './contract/releases.js';
import { endpoint, unitFor, type Endpoint } from './endpoint.js';
import { unitsOf } from './needs.js';
import { followingOf } from './following.js';
import type { Services } from './services.js';

type Shown = PreviewAnswer['renditions'][number];

export function previewEndpoints({
  store,
  channels,
  config,
  log,
}: Pick<Services, 'store' | 'channels' | 'config' | 'log'>): Endpoint[] {
  const folder = mediaFolder(config.dataFolder);

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
    content: ReturnType<typeof contentOf>,
    organization: string | undefined,
    follows: boolean,
  ): Promise<Shown> {
    try {
      const { profile, account } = await profileFor(channel, organization);
      const rendition = await renderBeside(channel, content, profile, config.channelFolders);
      return {
        channel: channel.name,
        ...(account !== undefined && { account }),
        html: await inlinePictures(rendition.preview, folder),
        warnings: [
          ...(follows && channel.replaces(profile) === 'cannot' ? [oldStays(channel)] : []),
          ...rendition.warnings.map(({ code, field, said }) => ({ code, field, said })),
        ],
      };
    } catch (error) {
      if (error instanceof LianfaError && error.code === 'documents_waiting') throw error;
      // One channel that can't show it hides no other.
      log.error({ err: error, channel: channel.name }, 'preview failed');
      const said = {
        zh: `“${channel.label.zh}”无法生成预览，请联系运维。`,
        en: `No preview can be made for ${channel.label.en}; ask operations.`,
      };
      return { channel: channel.name, html: '', warnings: [{ code: 'render_failed', said }] };
    }
  }

  return [
    endpoint(
      {
        method: 'post',
        path: '/preview',
        summary: { zh: '预览各渠道稿', en: 'Preview, as each channel will show it' },
        needs: { permission: 'releases.write', over: 'places' },
        body: preview,
        answer: { status: 200, schema: previewAnswer },
      },
      async ({ body }, caller) => {
        const { organization } = await unitFor(store, caller, 'releases.write', body.organization);
        if (
          body.of &&
          !(await unitsOf(store, 'release', body.of.release))?.some((path) => caller.rights.may('releases.read', path))
        )
          throw new LianfaError('not_found', { what: body.of.release });
        const asked = (body.channels ?? [...channels.keys()]).map((name) => {
          const channel = channels.get(name);
          if (!channel)
            throw new LianfaError('channel_unknown', {
              field: 'channels',
              channel: name,
              known: [...channels.keys()].join(', '),
            });
          return channel;
        });
        const of = await followingOf(store, body.of);
        const { content, dropped } = await composeContent(store, body.release, undefined, of);
        const shown = contentOf({ _id: 'preview', release: 'preview', createdAt: new Date(), ...content });
        return {
          renditions: await Promise.all(asked.map((channel) => show(channel, shown, organization, of !== undefined))),
          dropped,
        };
      },
    ),
  ];
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
