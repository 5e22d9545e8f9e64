/** The preview is the rendition itself: the same content, cleaned the same way, through the channel's own `render`. */
import { LianfaError } from '../core/errors.js';
import { contentOf } from '../core/releases/content.js';
import { preview, previewAnswer } from './contract/releases.js';
import { openComposing } from './composing.js';
import { endpoint, unitFor, type Endpoint } from './endpoint.js';
import { unitsOf } from './needs.js';
import { followingOf } from './following.js';
import type { Services } from './services.js';
import { openShowing } from './showing.js';

export function previewEndpoints(
  services: Pick<Services, 'store' | 'channels' | 'config' | 'log' | 'library' | 'media'>,
): Endpoint[] {
  const { store, channels } = services;
  const { show } = openShowing(services);
  const compose = openComposing(services);

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
        const { content, dropped } = await compose(body.release, undefined, of);
        const shown = contentOf({ _id: 'preview', release: 'preview', createdAt: new Date(), ...content });
        return {
          renditions: await Promise.all(asked.map((channel) => show(channel, shown, organization, of !== undefined))),
          dropped,
        };
      },
    ),
  ];
}
