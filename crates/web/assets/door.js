// The page beside a door. Without this it loads itself anew every half a minute.
(() => {
  'use strict';

  // Shows the board again whenever the house says that it looks otherwise.
  class DoorBoard extends HTMLElement {
    connectedCallback() {
      this.open();
    }

    disconnectedCallback() {
      this.source?.close();
      clearTimeout(this.waiting);
    }

    open() {
      this.source = new EventSource(this.getAttribute('src'));
      this.source.addEventListener('board', (event) => {
        const page = new DOMParser().parseFromString(event.data, 'text/html');
        const focused = document.activeElement?.getAttribute('href');
        this.replaceChildren(...page.body.childNodes);
        if (focused) [...this.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)?.focus();
      });
      this.source.addEventListener('error', () => {
        // A connection that ended is opened again by the browser. One that was refused is not: the whole page may say why.
        if (this.source.readyState !== EventSource.CLOSED) return;
        this.waiting = setTimeout(() => location.reload(), 30_000);
      });
    }
  }
  customElements.define('door-board', DoorBoard);

  // Whoever walks away from the code leaves the board for the next one.
  class DoorIdle extends HTMLElement {
    connectedCallback() {
      this.touch = () => {
        clearTimeout(this.waiting);
        const seconds = Number(this.getAttribute('seconds') ?? 60);
        this.waiting = setTimeout(() => location.replace(this.getAttribute('href')), seconds * 1_000);
      };
      for (const kind of ['keydown', 'pointerdown']) document.addEventListener(kind, this.touch);
      this.touch();
    }

    disconnectedCallback() {
      clearTimeout(this.waiting);
      for (const kind of ['keydown', 'pointerdown']) document.removeEventListener(kind, this.touch);
    }
  }
  customElements.define('door-idle', DoorIdle);

  // A form sent twice by a double touch would be refused the second time.
  document.addEventListener('submit', (event) => {
    if (event.target.dataset.sent === 'yes') event.preventDefault();
    event.target.dataset.sent = 'yes';
  });
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  });

  document.querySelector('[data-focus]')?.focus();
})();
