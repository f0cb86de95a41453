// Small conveniences; every page works without them.
(() => {
  'use strict';

  // A form sent twice by a double click would be refused or, worse, done twice.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    // A form that opens elsewhere or only starts a download leaves this page usable.
    if (event.defaultPrevented || form.method === 'dialog' || form.target || 'repeatable' in form.dataset) return;
    if (form.dataset.sent === 'yes') {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    form.setAttribute('aria-busy', 'true');
  });
  // Coming back with the browser's back button finds the page as it was left: unlock it.
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) {
      delete form.dataset.sent;
      form.removeAttribute('aria-busy');
    }
  });

  // After a refused form, the summary is what should be read first.
  document.querySelector('[data-focus]')?.focus();

  // On a phone the day begins left of the screen: start at the first free time.
  for (const grid of document.querySelectorAll('[data-day-grid]')) {
    const first = grid.querySelector('.slot.free');
    const names = grid.querySelector('tbody th');
    if (first && names) grid.scrollLeft = first.offsetLeft - names.offsetWidth;
  }

  // How a thing stood, while the slider is dragged. Without this its form asks by a button.
  for (const form of document.querySelectorAll('form[data-as-of]')) {
    const range = form.querySelector('input[type=range]');
    const stops = [...form.querySelectorAll('datalist option')].map((option) => option.label);
    let waiting;
    let asked;
    const show = async () => {
      asked?.abort();
      asked = new AbortController();
      const address = `${form.action}?step=${range.value}`;
      try {
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const fresh = page.getElementById(form.dataset.asOf);
        if (fresh) document.getElementById(form.dataset.asOf).replaceChildren(...fresh.childNodes);
        history.replaceState(null, '', address);
      } catch (error) {
        if (error.name !== 'AbortError') throw error;
      }
    };
    range.addEventListener('input', () => {
      range.setAttribute('aria-valuetext', stops[range.value - 1] ?? range.value);
      clearTimeout(waiting);
      waiting = setTimeout(show, 120);
    });
  }
})();
