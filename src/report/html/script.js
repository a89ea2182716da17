(() => {
  "use strict";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;

  // Light and dark: the system's choice until the reader makes one.
  const keep = (value) => { try { if (value) localStorage.setItem("ganime-theme", value); return localStorage.getItem("ganime-theme"); } catch { return null; } };
  if (keep()) root.dataset.theme = keep();
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    keep(root.dataset.theme);
  });

  // Tables: a heading sorts, best first; words come after numbers either way.
  const key = (row, column) => {
    const cell = row.cells[column];
    if (column === 0 || cell.classList.contains("text")) return cell.textContent.trim().toLowerCase();
    return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  };
  const sort = (table, heading) => {
    const column = heading.cellIndex, before = heading.getAttribute("aria-sort");
    const down = before ? before === "ascending" : heading.textContent.includes("\u2191");
    all("thead th", table).forEach((th) => th.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
    rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null) : (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };
  all("table.sortable").forEach((table) => all("thead th", table).forEach((th) =>
    th.querySelector("button").addEventListener("click", () => sort(table, th))));

  // Columns: those that fit until the reader chooses; the last go first, but the time stays longest.
  all(".summary").forEach((summary) => {
    const box = summary.querySelector(".scroll"), rows = all("tr", box), choices = all(".columns input", summary);
    const show = (i, wanted) => {
      choices[i].checked = wanted;
      rows.forEach((row) => row.cells[i + 1].classList.toggle("unwanted", !wanted));
    };
    const time = choices.findIndex((choice) => choice.closest("label").textContent === "Time");
    const order = choices.map((_, i) => i).slice(1).reverse().sort((a, b) => (a === time) - (b === time));
    let chosen = false;
    const fit = () => {
      if (chosen) return;
      choices.forEach((_, i) => show(i, true));
      for (const i of order) if (box.scrollWidth > box.clientWidth) show(i, false);
    };
    choices.forEach((choice, i) => choice.addEventListener("change", () => { chosen = true; show(i, choice.checked); }));
    summary.querySelector(".columns").hidden = false;
    fit();
    new ResizeObserver(fit).observe(box);
  });

  // The filter acts on every row, line, point and picture of a generator.
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (name) => words.every((word) => name.toLowerCase().includes(word));
    const gone = new Set();
    all("section.dataset tbody tr[data-g]").forEach((row) => { if (!matches(row.dataset.n)) gone.add(row.dataset.g); });
    all("[data-g]").forEach((element) => element.classList.toggle("out", gone.has(element.dataset.g)));
    all("[data-n]:not([data-g])").forEach((element) => element.classList.toggle("out", !matches(element.dataset.n)));
    const rows = all("tr[data-g]", document.querySelector("section.dataset tbody") || undefined);
    document.getElementById("found").textContent =
      words.length ? `${rows.filter((row) => !gone.has(row.dataset.g)).length} of ${rows.length}` : "";
  });

  // Every number: rows that hold all words, in any of their cells.
  all("input.rows").forEach((input) => input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean), details = input.closest("details");
    const rows = all("tbody tr", details);
    let left = 0;
    for (const row of rows) {
      const holds = words.every((word) => row.textContent.toLowerCase().includes(word));
      row.classList.toggle("hidden", !holds);
      left += holds;
    }
    details.querySelector("output").textContent = words.length ? `${left} of ${rows.length}` : "";
  }));

  // Pointing at a generator in a chart brings it out in all of them.
  const charted = ".row[data-g], .end[data-g], .area g[data-g]";
  const light = (event) => {
    const g = event.type === "pointerout" ? undefined : event.target.closest?.(charted)?.dataset.g;
    document.body.classList.toggle("hot", g !== undefined);
    all(".on[data-g]").forEach((element) => element.classList.remove("on"));
    if (g !== undefined) all(`.charts [data-g="${g}"], #gap [data-g="${g}"]`).forEach((element) => element.classList.add("on"));
  };
  addEventListener("pointerover", light);
  addEventListener("pointerout", light);

  // Charts with one drawing a shot.
  all("[data-pages]").forEach((figure) => figure.querySelector("select").addEventListener("change", (event) =>
    all("[data-page]", figure).forEach((page) => page.classList.toggle("later", page.dataset.page !== event.target.value))));

  // The viewer: two pictures of a scene, one over the other.
  const options = (select, texts, chosen) => {
    select.replaceChildren(...texts.map((text, i) => new Option(text, String(i), false, i === chosen)));
  };
  all(".scenes").forEach((section) => {
    const viewer = section.querySelector(".viewer"), scenes = all(".scene", section);
    if (!scenes.length) return;
    const get = (selector) => viewer.querySelector(selector);
    const stage = get(".stage"), slider = get("input[type=range]"), scene = get(".scene-choice");
    const sides = [
      { select: get(".left-choice"), svg: get(".a"), tag: get(".tag.l"), label: "truth" },
      { select: get(".right-choice"), svg: get(".b"), tag: get(".tag.r"), label: "" },
    ];
    // At first the right one is the best of the scene.
    const best = (list) => {
      const values = list.map((picture) => picture.map ? Infinity : Number(picture.figure.querySelector(".value")?.textContent ?? Infinity));
      return Math.max(values.indexOf(Math.min(...values)), 0);
    };
    // A scene's pictures, then the maps of where their LPIPS comes from.
    const pictures = () => {
      const figures = all("figure[data-picture]", scenes[Number(scene.value)]);
      return figures.map((figure) => ({ label: figure.dataset.label, id: figure.dataset.picture, figure, map: false })).concat(
        figures.filter((figure) => "heat" in figure.dataset).map((figure) =>
          ({ label: `map of ${figure.dataset.label}`, id: `${figure.dataset.picture}h`, figure, map: true })));
    };
    const show = () => {
      const list = pictures();
      let maps = false;
      for (const side of sides) {
        const found = list.findIndex((picture) => picture.label === side.label);
        const at = found >= 0 ? found : side === sides[0] ? 0 : best(list);
        if (!list[at]) continue;
        options(side.select, list.map((picture) => picture.label), at);
        side.label = side.tag.textContent = list[at].label;
        side.svg.setAttribute("aria-label", side.label);
        side.svg.querySelector("use").setAttribute("href", `#${list[at].id}`);
        maps = maps || list[at].map;
      }
      get(".legend").hidden = !maps;
    };
    const slide = () => stage.style.setProperty("--x", `${slider.value}%`);
    options(scene, scenes.map((article) => article.dataset.scene), 0);
    scene.addEventListener("change", show);
    for (const side of sides)
      side.select.addEventListener("change", () => { side.label = side.select.selectedOptions[0].text; show(); });
    slider.addEventListener("input", slide);
    get(".seams").addEventListener("change", (event) => get(".lines").classList.toggle("on", event.target.checked));
    get(".difference").addEventListener("change", (event) => stage.classList.toggle("difference", event.target.checked));
    const drag = (event) => {
      if (event.type === "pointerdown") stage.setPointerCapture(event.pointerId);
      else if (!stage.hasPointerCapture(event.pointerId)) return;
      const box = stage.getBoundingClientRect();
      slider.value = String(100 * (event.clientX - box.left) / box.width);
      slide();
    };
    stage.addEventListener("pointerdown", drag);
    stage.addEventListener("pointermove", drag);
    section.addEventListener("click", (event) => {
      const figure = event.target.closest(".thumb")?.closest("figure");
      if (!figure) return;
      scene.value = String(scenes.indexOf(figure.closest(".scene")));
      sides[figure.dataset.label === "truth" ? 0 : 1].label = figure.dataset.label;
      show();
      viewer.scrollIntoView({ block: "nearest" });
      slider.focus({ preventScroll: true });
    });
    get(".lines").classList.add("on");
    viewer.hidden = false;
    show();
    slide();
  });
})();
