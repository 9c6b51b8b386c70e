// Runs before the page is painted: the theme she chose, or the one her system asks for.
(function () {
  const chosen = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.documentElement.dataset.bsTheme = chosen || (dark.matches ? "dark" : "light");
  dark.addEventListener("change", (e) => {
    if (!chosen) document.documentElement.dataset.bsTheme = e.matches ? "dark" : "light";
  });
})();
