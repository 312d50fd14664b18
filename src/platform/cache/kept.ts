/**
 * What is loaded at the first call and then kept. A failure is everybody's who waits for it, and nobody's afterwards: the
 * next call loads again.
 */
export function kept<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () =>
    (loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    }));
}
