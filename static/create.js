/* The Create model form with JavaScript: what is typed shows in the summary at once, data is inspected when its place changes. */
(function () {
  const form = document.querySelector('form[data-create]');
  if (!form) return;
  const inspect = () => htmx.trigger(form.querySelector('[data-inspects]'), 'inspect');

  form.addEventListener('input', e => {
    const el = e.target;
    if ('mirror' in el.dataset) {
      const says = form.querySelector('[data-says="' + el.name + '"]');
      if (says) says.textContent = el.type === 'checkbox' ? says.dataset[el.checked ? 'on' : 'off'] : el.dataset.mirror || el.value || '-';
    }
    const chip = el.closest('.hp')?.querySelector('[data-chip]');
    if (chip) chip.hidden = el.value.trim() === '' || el.value.trim() === el.dataset.default;
  });
  form.addEventListener('change', e => {
    if (e.target.matches('[data-location], [data-inspect]')) inspect();
  });

  // Enter in the location looks at the data instead of sending the form.
  form.querySelector('[data-location]').addEventListener('keydown', e => {
    if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey) { e.preventDefault(); inspect(); }
  });

  // The Browse S3 dialog: Choose puts the location into the form.
  document.addEventListener('submit', e => {
    const picker = e.target.closest('form[data-choose]');
    if (!picker) return;
    e.preventDefault();
    const uri = new FormData(picker).get('data');
    if (!uri) return;
    picker.closest('dialog').close();
    form.querySelector('[data-location]').value = uri;
    inspect();
  });
})();
