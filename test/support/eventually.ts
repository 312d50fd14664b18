/** Repeats until it no longer throws; for promises such as "within a second", with a generous limit. */
export async function eventually<T>(attempt: () => Promise<T>, milliseconds = 5_000): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
