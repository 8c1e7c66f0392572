/* The Browse S3 dialog: Choose puts the location into the field whose button opened it. By keyboard: arrows between rows, Enter opens or chooses, Backspace goes up, typing finds. */
(function () {
  const box = () => document.getElementById('browse'), find = () => document.getElementById('browse-find');
  const links = () => [...box().querySelectorAll('.recent a, tbody tr:not(.is-dis) a')];

  document.addEventListener('keydown', e => {
    if (!box()?.closest('dialog')?.contains(e.target) || e.ctrlKey || e.metaKey || e.altKey) return;
    const row = e.target.closest('tbody tr'), radio = row?.querySelector('input[type=radio]'), all = links();
    const here = all.indexOf(row ? row.querySelector('a') : e.target);
    const step = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[e.key];
    if (step !== undefined && (e.target !== find() || e.key.startsWith('Arrow'))) {
      e.preventDefault();
      (step < 0 ? find() : all[Math.min(step, all.length - 1)])?.focus();
    } else if (e.key === 'Enter' && radio) {
      e.preventDefault();
      radio.checked ? radio.form.requestSubmit() : radio.click();
    } else if (e.key === 'Backspace' && (e.target !== find() || !find().value)) {
      e.preventDefault();
      box().querySelector('[data-up]')?.click();
    } else if (e.key.length === 1 && e.key !== ' ' && !e.target.matches('input:not([type=radio])')) find()?.focus();
  });

  let place;
  document.addEventListener('click', e => { place = e.target.closest('[data-browse]')?.dataset.browse || place; });
  document.addEventListener('submit', e => {
    const picker = e.target.closest('form[data-choose]'), field = document.getElementById(place);
    if (!picker?.closest('dialog') || !field) return;
    e.preventDefault();
    const uri = new FormData(picker).get('data');
    if (!uri) return;
    picker.closest('dialog').close();
    field.value = uri;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });

  // Another folder: the focus goes to its first row.
  document.addEventListener('htmx:afterSettle', () => {
    if (box()?.closest('dialog[open]') && (document.activeElement === document.body || document.activeElement.tagName === 'DIALOG')) (links()[0] || find())?.focus();
  });
})();
