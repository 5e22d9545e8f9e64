/** What reviewers said of the text that is being written. */
import { shallowRef } from 'vue';
import { api, type CommentBody, type ReleaseBody, type ReviewBody } from '../api';

export function useReturned() {
  const review = shallowRef<ReviewBody>();
  const comments = shallowRef<CommentBody[]>([]);
  let of: ReleaseBody | undefined;

  /** The text can be written whether or not this is told. */
  async function load(release: ReleaseBody): Promise<void> {
    of = release;
    const [reviews, all] = await Promise.all([
      api.reviewsOf(release.id).catch(() => []),
      api.comments(release.id, release.revision.id).catch(() => []),
    ]);
    review.value = reviews[0]?.state === 'returned' ? reviews[0] : undefined;
    comments.value = all;
  }

  async function after(work: Promise<unknown>): Promise<void> {
    await work.catch(() => undefined);
    if (of) await load(of);
  }

  return {
    review,
    comments,
    load,
    answer: (id: string, words: string) => after(api.answerComment(id, words)),
    close: (id: string) => after(api.closeComment(id)),
  };
}
