/* The Create model form with JavaScript: what is typed shows at once, and what it changes is looked at again. */
(function () {
  const form = document.querySelector('form[data-create]');
  if (!form) return;
  const $ = s => form.querySelector(s), $$ = s => [...form.querySelectorAll(s)], byId = id => document.getElementById(id);
  let timer;
  const inspect = (after = 0) => {
    clearTimeout(timer);
    timer = setTimeout(() => htmx.trigger($('[data-inspects]'), 'inspect'), after);
  };

  // Hyperparameters: chips of what is changed, settings that matter only with another one, complaints.
  function hyperparameters() {
    let n = 0;
    $$('.hp').forEach(row => {
      const el = row.querySelector('.hp__c .input, .hp__c .select'), value = el.value.trim(), other = byId(row.dataset.needs);
      const changed = value !== '' && value !== el.dataset.default, chip = row.querySelector('[data-chip]');
      if (chip) { n += changed; chip.hidden = !changed; }
      if (other) row.classList.toggle('is-off', !row.dataset.when.split('|').includes(other.value));
      if (row.querySelector('.hp__c .ferr')) el.setAttribute('aria-invalid', 'true'); else el.removeAttribute('aria-invalid');
    });
    const says = $('[data-changed]');
    if (says) { says.hidden = !n; $('[data-changed-n]').textContent = n; }
  }

  form.addEventListener('input', e => {
    const el = e.target;
    if ('mirror' in el.dataset) {
      const says = $('[data-says="' + el.name + '"]');
      if (says) says.textContent = el.type === 'checkbox' ? says.dataset[el.checked ? 'on' : 'off'] : el.dataset.mirror || el.value || '-';
    }
    if (el.closest('.hp')) {
      $$('[name=preset]').forEach(b => b.setAttribute('aria-pressed', 'false'));
      hyperparameters();
    }
    if ('find' in el.dataset) inspect(250);
  });
  form.addEventListener('change', e => {
    if (e.target.matches('[data-location], [data-inspect]')) inspect();
    else if (e.target.closest('.hp')) inspect(300);
  });

  // Back after Create comes to the form as it was sent.
  form.addEventListener('submit', e => { if (!e.submitter?.hasAttribute('formaction')) history.replaceState(history.state, '', '?draft=' + $('[name=intent]').value); });

  // Enter in a field that is looked at looks, instead of sending the form.
  form.addEventListener('keydown', e => {
    if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey && e.target.matches('input[data-location], input[data-inspect], input[data-find]')) {
      e.preventDefault();
      inspect();
    }
  });

  // A part that is shown anew keeps what was open, where it was scrolled to, and the focus.
  let open = {}, left = 0, pressed, focused;
  const wrap = () => $('.pv .table-wrap');
  document.addEventListener('htmx:beforeSwap', e => {
    if (e.detail.target.id !== 'data-part') return;
    open = Object.fromEntries($$('details[id]').map(d => [d.id, d.open]));
    left = wrap()?.scrollLeft || 0;
    focused = document.activeElement?.id;
    pressed = document.activeElement?.closest('[data-act]');
  });
  document.addEventListener('htmx:afterSettle', () => {
    $$('details[id]').forEach(d => { if (open[d.id]) d.open = true; });
    if (wrap()) wrap().scrollLeft = left;
    hyperparameters();
    if (document.activeElement === document.body && (focused || pressed))
      (byId(focused) || byId('hp-' + (pressed?.name === 'reset' && pressed.value)) || byId('h-pf') || $('#target'))?.focus();
    pressed = focused = null;
  });

  // An answer to what was asked before a control changed would put the old value back.
  let edited = [], typing;
  ['input', 'change'].forEach(type => form.addEventListener(type, e => { edited.push(e.target); typing = type === 'input'; }));
  document.addEventListener('htmx:beforeSend', e => { if (['data-part', 'code-verdict'].includes(e.detail.target.id)) edited = []; });
  ['htmx:beforeSwap', 'htmx:oobBeforeSwap'].forEach(type => document.addEventListener(type, e => {
    if (!edited.some(el => e.detail.target.contains(el))) return;
    e.detail.shouldSwap = false;
    if (!typing) inspect();  // the end of typing is a change, which inspects
  }));

  // A press changes the recipe that came with the last answer, so the next press, and Create, waits for its answer.
  let press, unanswered = false, swapped, held = [];
  const send = ({ elt, issueRequest }) => {
    if (!elt.isConnected) { elt.hidden = true; byId('data-part').append(elt); }  // it stood in what was shown before
    issueRequest(true);
  };
  // When an answer has taken the button away, detail.elt is what was around it.
  const isPress = e => (e.detail.requestConfig || e.detail).elt.matches('[data-act]');
  document.addEventListener('htmx:confirm', e => {
    if (!isPress(e)) return;
    if (!unanswered) { press = e.detail; return; }
    e.preventDefault();
    const next = e.detail;
    held.push(() => send(press = next));
  });
  document.addEventListener('htmx:beforeSend', e => { if (isPress(e)) { unanswered = true; swapped = false; } });
  document.addEventListener('htmx:afterSwap', e => { if (e.detail.target.id === 'data-part') swapped = true; });
  document.addEventListener('htmx:afterRequest', e => {
    if (!isPress(e) || !unanswered) return;
    const done = press;
    if (!e.detail.successful) held = [];
    else if (!swapped) held.unshift(() => send(press = done));  // a pointer was down, so the answer was not shown
    setTimeout(() => { unanswered = false; held.shift()?.(); }, swapped ? 0 : 250);  // htmx ends the request after this event
  });
  form.addEventListener('submit', e => {
    if (!unanswered) return;
    e.preventDefault();
    e.stopPropagation();
    held.push(() => form.requestSubmit(e.submitter));
  });

  // The way to another form takes the name and the data along.
  form.addEventListener('click', e => {
    const link = e.target.closest('[data-carry]');
    if (!link) return;
    const to = new URL(link.href), pairs = { name: 'name', data: 'data_uri', target: 'target' };
    Object.entries(pairs).forEach(([parameter, id]) => { if (byId(id)?.value) to.searchParams.set(parameter, byId(id).value); });
    link.href = to.href;
  });

  hyperparameters();
})();
