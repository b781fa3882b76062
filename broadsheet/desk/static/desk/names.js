/* A text box with a name on each line becomes a list of names with a box to search and add.
   Without this script the text box itself is the input. */
function names(area) {
  const make = (tag, set) => Object.assign(document.createElement(tag), set);
  const chosen = make("ul", { className: "desk-names" });
  const id = area.id + "-found";
  const box = make("input", { type: "text", role: "combobox", autocomplete: "off" });
  const found = make("ul", { id, role: "listbox", hidden: true, className: "desk-found" });
  const label = area.dataset.search;
  for (const [name, value] of Object.entries({
    "aria-label": label, placeholder: label, "aria-expanded": "false", "aria-controls": id,
    "aria-autocomplete": "list", enterkeyhint: "done",
  })) box.setAttribute(name, value);
  found.setAttribute("aria-label", label);
  const caption = document.querySelector(`label[for="${area.id}"]`);
  if (caption) {
    caption.htmlFor = box.id = area.id + "-box";
    box.removeAttribute("aria-label");
  }
  let at = -1, asked = 0, timer = 0;

  const lines = () => area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  function keep(list) {
    area.value = [...new Set(list)].join("\n");
    for (const type of ["input", "change"]) area.dispatchEvent(new Event(type, { bubbles: true }));
    show();
  }
  function show() {
    chosen.replaceChildren(...lines().map((name) => {
      const item = make("li", { textContent: name });
      const button = make("button", { type: "button", textContent: "×" });
      button.setAttribute("aria-label", area.dataset.remove.replace("{}", name));
      button.addEventListener("click", () => { keep(lines().filter((n) => n !== name)); box.focus(); });
      item.append(button);
      return item;
    }));
  }
  function close() {
    found.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  function add(name) {
    if (name.trim()) keep([...lines(), name.trim()]);
    box.value = "";
    asked += 1;
    close();
  }
  function mark(next) {
    const options = [...found.children];
    if (!options.length) return;
    at = (next + options.length) % options.length;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    options[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[at].id);
  }
  async function ask() {
    const mine = ++asked;
    const answer = await fetch(`${area.dataset.suggestions}?q=${encodeURIComponent(box.value)}`);
    const { names: list } = answer.ok ? await answer.json() : { names: [] };
    if (mine !== asked) return;
    found.replaceChildren(...list.map(({ name, note }, n) => {
      const option = make("li", { id: `${id}-${n}`, role: "option", textContent: name });
      if (note) option.append(make("small", { textContent: note }));
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); add(name); });
      option.dataset.name = name;
      return option;
    }));
    at = -1;
    found.hidden = !list.length;
    box.setAttribute("aria-expanded", String(!found.hidden));
  }
  box.addEventListener("input", (event) => {
    event.stopPropagation();
    clearTimeout(timer);
    if (box.value.trim()) timer = setTimeout(ask, 150); else close();
  });
  box.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) { event.preventDefault(); mark(at + move); }
    else if (event.key === "Escape" && !found.hidden) { event.stopPropagation(); close(); }
    else if (event.key === "Enter") {
      event.preventDefault();
      add(at < 0 ? box.value : found.children[at].dataset.name);
    }
  });
  /* What stands in the search box when the form is sent was meant to be added. */
  if (area.form) area.form.addEventListener("submit", () => add(box.value), { capture: true });
  const frame = make("div", { className: "desk-namer" });
  frame.append(chosen, box, found);
  area.after(frame);
  area.hidden = true;
  show();
}
function everywhere() {
  for (const area of document.querySelectorAll("textarea[data-suggestions]")) names(area);
}
/* Wagtail puts the scripts of a form before it. */
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", everywhere);
else everywhere();
