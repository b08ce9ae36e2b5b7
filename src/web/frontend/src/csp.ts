// The page's Content-Security-Policy allows no inline style. Libraries make `<style>` elements and `style` attributes
// all the same; here both are led onto the ways that the policy allows, so that the policy need not be weakened.

/** The nonce of this page, from the script tag that loaded us. */
export const nonce = document.querySelector<HTMLScriptElement>("script#app")?.nonce ?? "";

export function mendInlineStyles(): void {
  const createElement = document.createElement;
  document.createElement = function (this: Document, name: string, options?: ElementCreationOptions) {
    const element = createElement.call(this, name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  } as typeof document.createElement;

  // Writing through the CSS object model is allowed, writing the attribute is not; both mean the same.
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (this: Element, name: string, value: string) {
    if (name === "style" && (this instanceof HTMLElement || this instanceof SVGElement)) this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}
