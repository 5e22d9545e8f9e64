/** One review on a page: read, kept fresh, decided on. */
import { ref, shallowRef } from 'vue';
import {
  api,
  type CommentBody,
  type Comparison,
  type PreviewAnswer,
  type ReleaseBody,
  type Remark,
  type ReviewBody,
  type SigningBody,
} from '../api';
import { useCalm } from '../composables/use-calm';
import { useEvents } from '../composables/use-events';
import { useLoading } from '../composables/use-loading';
import { useCatalogue } from '../stores/catalogue';
import { useSession } from '../stores/session';

export function useReview(id: string) {
  const review = shallowRef<ReviewBody>();
  const release = shallowRef<ReleaseBody>();
  const comments = shallowRef<CommentBody[]>([]);
  const comparison = shallowRef<Comparison>();
  const against = ref<number>();
  const renditions = shallowRef<PreviewAnswer['renditions']>();
  const reading = useLoading();
  const deciding = useLoading();
  const saying = useLoading();

  const load = (): Promise<boolean> =>
    reading.run(async () => {
      const [found] = await Promise.all([api.review(id), useCatalogue().load()]);
      review.value = found;
      // Whoever may not read the text sees how far it is, and no more.
      release.value = await api.release(found.release, found.revision).catch(() => undefined);
      if (!release.value) return;
      comments.value = await api.comments(found.release, found.revision);
      await compare(found);
    });

  async function compare({ release: of, revision, against: other }: ReviewBody): Promise<void> {
    if (other === undefined) return;
    const [told, rows] = await Promise.all([api.compare(of, other, revision), api.revisions(of)]);
    comparison.value = told;
    against.value = rows.find((row) => row.id === other)?.number;
  }

  /** What others did meanwhile. A failure here is told by the next press. */
  const refresh = useCalm(300, async () => {
    review.value = await api.review(id).catch(() => review.value);
    const now = review.value;
    if (now && release.value)
      comments.value = await api.comments(now.release, now.revision).catch(() => comments.value);
  });
  if (useSession().may('releases.read'))
    useEvents(undefined, {
      releases: (ids) => {
        if (ids === undefined || (review.value && ids.includes(review.value.release))) refresh();
      },
      mended: refresh,
    });

  /** Where somebody was quicker the page shows what is, beside what was said. */
  async function decide(work: (now: ReviewBody) => Promise<ReviewBody>): Promise<boolean> {
    const now = review.value;
    if (!now) return false;
    const done = await deciding.run(async () => {
      review.value = await work(now);
    });
    if (!done) review.value = await api.review(id).catch(() => review.value);
    return done;
  }

  const stepOf = ({ chain, step }: ReviewBody): string => chain.steps[step]?.id ?? '';

  async function say(work: (now: ReviewBody) => Promise<unknown>): Promise<void> {
    const now = review.value;
    if (!now) return;
    await saying.run(async () => {
      await work(now);
      comments.value = await api.comments(now.release, now.revision);
    });
  }

  return {
    ...{ review, release, comments, comparison, against, renditions, reading, deciding, saying, load },
    approve: () => decide((now) => api.approve(id, stepOf(now))),
    giveBack: (reason: string) => decide((now) => api.giveBack(id, stepOf(now), reason)),
    sign: (proof: { password: string; code?: string }) => decide((now) => api.signReview(id, proof, now.size.total)),
    signBroadcast: (signing: SigningBody) => decide(() => api.signBroadcast(id, signing)),
    /** What the caller has opened is told with the review. */
    readAgain: async () => {
      review.value = await api.review(id).catch(() => review.value);
    },
    takeBack: () => decide(() => api.takeBack(id)),
    passOn: (reason: string) => decide(() => api.passOn(id, reason)),
    comment: (remark: Remark) => say((now) => api.comment(now.release, now.revision, remark)),
    answer: (comment: string, words: string) => say(() => api.answerComment(comment, words)),
    close: (comment: string) => say(() => api.closeComment(comment)),
    show: () =>
      saying.run(async () => {
        const now = review.value;
        if (now) renditions.value = (await api.renditions(now.release, now.revision)).renditions;
      }),
  };
}
