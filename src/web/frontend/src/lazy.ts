// Parts of the page that are loaded when they are needed. A network that changes under the browser (a container that gets
// its interface is enough) breaks off what is on its way, so what failed is tried again.

const pauses = [200, 800, 2500];

/** Tries again while `worth` says that the failure may pass. */
export async function again<T>(act: () => Promise<T>, worth: (error: unknown) => boolean): Promise<T> {
  for (const pause of pauses) {
    try {
      return await act();
    } catch (error) {
      if (!worth(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
  }
  return act();
}

export function lazy<T>(load: () => Promise<T>): Promise<T> {
  return again(load, () => true);
}
