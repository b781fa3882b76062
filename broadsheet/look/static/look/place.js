/* Notes how far a signed-in reader got in a report, by paragraph so that it fits every screen, and
offers to go on there on another device. The page is the same for everybody and works without. */
(() => {
  const words = document.currentScript.dataset.words;
  const field = document.querySelector('.save input[name="article"]');
  const parts = [...document.querySelectorAll(".text > p, .text > .paywall > p")];
  const keeps = () => /(?:^|; )(?:__Host-)?place=1(?:;|$)/.test(document.cookie);
  if (!field || parts.length < 3 || !keeps()) return;
  let asked = false, moved = false, noted = -1;

  const here = () => {
    const place = parts.findIndex((part) => part.getBoundingClientRect().bottom > 0);
    return place < 0 ? parts.length - 1 : place;
  };

  const note = () => {
    const place = here();
    if (!asked || !keeps() || place === noted || (noted >= 0 && !moved)) return;
    noted = place;
    const told = { article: field.value, place, paragraphs: parts.length };
    navigator.sendBeacon("/account/place/", new URLSearchParams(told));
  };

  const offer = (place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    const box = document.createElement("div");
    box.className = "share save";
    box.append(button);
    button.addEventListener("click", () => {
      parts[place].tabIndex = -1;
      parts[place].focus({ preventScroll: true });
      parts[place].scrollIntoView();
      box.remove();
    });
    document.querySelector(".article-margin").append(box);
  };

  const ask = async () => {
    const answer = await fetch(`/account/place/?article=${field.value}`, { cache: "no-store" });
    asked = answer.ok;
    if (answer.status !== 200) return;
    const { place } = await answer.json();
    noted = place;
    if (place > 0 && place < parts.length && here() === 0) offer(place);
  };

  addEventListener("scroll", () => { moved = true; }, { passive: true, once: true });
  addEventListener("pagehide", note);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") note();
  });
  ask().catch(() => {});
})();
