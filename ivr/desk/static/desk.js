// What the server leaves to the browser: clocks that tick, what a screen reader is told, where the focus
// goes, and that nothing is lost of what somebody types. Everything else comes as HTML.
"use strict";

(() => {
  // The server's clock is what counts; a desk's own may be wrong.
  let ahead = 0;

  const span = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return (hours ? `${hours}:${two(minutes)}` : `${minutes}`) + `:${two(whole % 60)}`;
  };

  const show = (clock, text) => {
    if (clock.textContent !== text) clock.textContent = text;
  };

  const tick = () => {
    const now = Date.now() + ahead;
    for (const clock of document.querySelectorAll(".clock")) {
      const { since, until } = clock.dataset;
      if (since) show(clock, span((now - Date.parse(since)) / 1000));
      if (until) show(clock, span((Date.parse(until) - now) / 1000));
    }
  };

  const FIELDS = "input[id], select[id], textarea[id]";

  const usual = (select) => Math.max(0, [...select.options].findIndex((one) => one.defaultSelected));

  // Whether somebody has changed a field. A date is worth nothing before it is whole.
  const typed = (field) => field.matches("select")
    ? [...field.options].some((one, place) => one.selected !== (place === usual(field)))
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked || field.validity.badInput;

  const clear = (field) => {
    if (field.matches("select")) field.selectedIndex = usual(field);
    else [field.value, field.checked] = [field.defaultValue, field.defaultChecked];
  };

  // Whatever takes the place of a part of the page: fields that somebody has changed go over into it as
  // they are, with focus and caret. A part that is about something else (data-of) takes none over.
  const keep = (event) => {
    const { target, fragment } = event.detail;
    if (fragment.firstElementChild.dataset.of !== target.dataset.of) return;
    for (const field of target.querySelectorAll(FIELDS)) {
      const next = typed(field) && fragment.querySelector(`#${CSS.escape(field.id)}`);
      if (next && next.matches(field.tagName)) next.setAttribute("hx-preserve", "");
    }
  };

  // What was sent and taken is cleared, and nothing else: neither what was refused, nor what another
  // form has, nor what was typed since.
  const taken = ({ requestConfig, xhr }) => {
    if (xhr.status >= 400) return;
    for (const field of document.querySelectorAll(FIELDS)) {
      if (requestConfig.formData.getAll(field.name).includes(field.value)) clear(field);
    }
  };

  // The page itself is another one now; it is loaded again when nobody types.
  let stale = false;

  const refresh = () => {
    if (stale && ![...document.querySelectorAll(FIELDS)].some(typed)) location.reload();
  };

  const announce = () => {
    const state = document.querySelector("#state[data-announce]");
    const announced = document.getElementById("announce");
    if (!state || !announced || announced.textContent === state.dataset.announce) return;
    announced.textContent = state.dataset.announce;
    document.title = `${state.dataset.announce} · ${document.title.split(" · ").pop()}`;
  };

  const focus = () => {
    const wanted = document.querySelector("#work [autofocus], #one [autofocus]");
    if (!wanted) return;
    wanted.removeAttribute("autofocus");
    const current = document.activeElement;
    if (!current.matches(FIELDS) || !typed(current)) wanted.focus();
  };

  // Alt and a letter, by the key's place: the same on every layout, with every input method.
  const press = (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const key = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(event.code);
    const wanted = key && document.querySelector(`[data-key="${(key[1] || key[2]).toLowerCase()}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (!event.repeat) wanted.click();
  };

  const settled = () => {
    tick();
    announce();
    focus();
  };

  // The stream may have replaced a form before the answer to it came; htmx would look for the parts of
  // the page beside the form then, where there are none any more.
  const swapped = (event) => {
    const { requestConfig, serverResponse, target } = event.detail;
    taken(event.detail);
    if (requestConfig.elt.isConnected) return;
    event.detail.shouldSwap = false;
    htmx.swap(target, serverResponse, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
    settled();
  };

  document.addEventListener("DOMContentLoaded", () => {
    const served = document.body.dataset.now;
    if (served) ahead = Date.parse(served) - Date.now();
    settled();
    setInterval(() => {
      tick();
      refresh();
    }, 1000);
  });
  document.addEventListener("htmx:sseOpen", (event) => {
    const { source } = event.detail;
    source.addEventListener("again", () => {
      source.close();
      stale = true;
      refresh();
    });
  });
  document.addEventListener("keydown", press);
  document.addEventListener("htmx:sseMessage", settled);
  document.addEventListener("htmx:oobBeforeSwap", keep);
  document.addEventListener("htmx:beforeSwap", swapped);
  document.addEventListener("htmx:afterSettle", settled);
  document.addEventListener("htmx:sseClose", (event) => {
    if (event.detail.type === "message") location.assign("/login");
  });
})();
