// What the browser remembers. Private windows and full disks make `localStorage` throw; then it is not remembered.

const prefix = "docktutor.";

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

/** `null` forgets. Tells whether it worked. */
export function remember(key: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
    return true;
  } catch {
    return false;
  }
}
