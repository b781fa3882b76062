/* j and k (or the arrows) walk along a list of reports, Enter opens; without it Tab does the same. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable], [role=menu], nav")) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const links = [...document.querySelectorAll(".desk-incoming td.title a")];
  if (!step || !links.length) return;
  const row = document.activeElement.closest(".desk-incoming tr");
  const at = links.findIndex((link) => row && row.contains(link));
  if (event.key.startsWith("Arrow") && at < 0) return;
  event.preventDefault();
  const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
  next.focus();
  next.closest("tr").scrollIntoView({ block: "nearest" });
});
