// Menus of links in the header are `<details>`, which work without a script; we close them as people expect.

export function watchMenus(): void {
  const menus = () => document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.code !== "Escape" || event.isComposing) return;
    for (const menu of menus()) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
      menu.open = false;
    }
  });
  document.addEventListener("focusout", (event) => {
    const next = event.relatedTarget as Node | null;
    for (const menu of menus()) if (next !== null && !menu.contains(next)) menu.open = false;
  });
}
