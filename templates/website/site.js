/* Large type, dark colours and printing. Everything else works without. */
(function () {
  'use strict';
  var root = document.documentElement;
  var dark = window.matchMedia('(prefers-color-scheme: dark)');

  function kept(name) {
    try {
      return localStorage.getItem(name);
    } catch (_) {
      return null;
    }
  }
  function keep(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch (_) {
      root.dataset.forgets = '';
    }
  }
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches;
  }

  if (kept('size') === 'large') root.dataset.size = 'large';
  if (kept('theme')) root.dataset.theme = kept('theme');

  document.addEventListener('DOMContentLoaded', function () {
    var buttons = Array.prototype.slice.call(document.querySelectorAll('[data-tool]'));
    function show() {
      buttons.forEach(function (button) {
        button.hidden = false;
        if (button.dataset.tool === 'large') button.setAttribute('aria-pressed', String(root.dataset.size === 'large'));
        if (button.dataset.tool === 'dark') button.setAttribute('aria-pressed', String(isDark()));
      });
    }
    buttons.forEach(function (button) {
      button.addEventListener('click', function () {
        var tool = button.dataset.tool;
        if (tool === 'print') {
          window.print();
          return;
        }
        if (tool === 'large') {
          root.dataset.size = root.dataset.size === 'large' ? 'normal' : 'large';
          keep('size', root.dataset.size);
        } else {
          root.dataset.theme = isDark() ? 'light' : 'dark';
          keep('theme', root.dataset.theme);
        }
        show();
      });
    });
    dark.addEventListener('change', show);
    // On a phone the columns stand in one line: the reader's own must not lie beyond its edge.
    var place = document.querySelector('.columns [aria-current]');
    if (place) place.closest('ul').scrollLeft = place.offsetLeft - 20;
    show();
  });
})();
