/* What HTML cannot do by itself; every page works without it. Hooks are data- attributes. */
(function () {
  const body = document.body, byId = id => document.getElementById(id);
  const $ = (s, within) => (within || document).querySelector(s), $$ = (s, within) => [...(within || document).querySelectorAll(s)];
  const on = (type, run) => document.addEventListener(type, run);
  body.classList.add('has-js');

  // A part that lands in #modal opens it; <dialog> gives the focus back itself.
  on('htmx:afterSwap', e => {
    const { target } = e.detail;
    if (target?.id === 'modal') $('dialog', target)?.showModal();
    if (target?.id === 'notes' && !target.matches(':popover-open')) target.showPopover();
  });
  on('click', e => {
    const hit = s => e.target.closest(`[data-${s}]`);
    let el;
    if (el = hit('open')) byId(el.dataset.open).showModal();
    else if (el = hit('close')) el.closest('dialog').close();
    else if (el = hit('dismiss')) el.closest('.flash').remove();
    else if (el = hit('reveal')) { const i = byId(el.dataset.reveal); i.type = i.type === 'text' ? 'password' : 'text'; }
    else if (el = hit('copy')) navigator.clipboard.writeText(el.dataset.copy || $(el.dataset.copyFrom).textContent).then(copied);
    else if (el = hit('clear')) { e.preventDefault(); rows(el.closest('form')).forEach(b => b.checked = false); count(); }
  });
  function copied() {
    const p = Object.assign(document.createElement('p'), { className: 'vh', textContent: body.dataset.copied });
    $('#flash').append(p);
    setTimeout(() => p.remove(), 3000);
  }

  // Selected rows are counted; the selection and the place in a log survive a refresh.
  const rows = form => $$('tbody input[type=checkbox]', form);
  const count = () => $$('form[data-select]').forEach(form => {
    const all = rows(form), n = all.filter(b => b.checked).length, head = $('[data-all]', form);
    $$('[data-count]', form).forEach(c => c.textContent = n);
    if (head) { head.checked = n > 0 && n === all.length; head.indeterminate = n > 0 && n < all.length; }
  });
  on('change', e => {
    if (e.target.matches('[data-all]')) rows(e.target.form).forEach(b => b.checked = e.target.checked);
    count();
  });
  const end = log => log.scrollTop = log.scrollHeight;
  let kept = [], low;
  let pressed, at;
  on('pointerdown', e => { pressed = e.target; at = e; });
  on('pointerup', e => {
    // What landed above it has moved the button away from a pointer that stands still: no click follows by itself.
    const el = e.button === 0 && pressed?.closest('button, a'), still = el && Math.hypot(e.clientX - at.clientX, e.clientY - at.clientY) < 4;
    pressed = null;
    if (still && el.isConnected && !el.contains(e.target)) el.click();
  });
  on('pointercancel', () => pressed = null);
  ['htmx:beforeSwap', 'htmx:oobBeforeSwap'].forEach(type => on(type, e => {
    if (pressed && e.detail.target.contains(pressed)) e.detail.shouldSwap = false; // else the click would be lost
  }));
  on('htmx:beforeSwap', e => {
    const log = $('.log[data-follow]');
    kept = $$('tbody input:checked', e.detail.target).filter(b => b.form?.matches('[data-select]')).map(b => b.id);
    low = log && log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  });
  on('htmx:afterSettle', () => {
    kept.forEach(id => { if (byId(id)) byId(id).checked = true; });
    count();
    if (low) $$('.log[data-follow]').forEach(end);
  });
  if (!location.hash) $$('.log[data-follow]').forEach(end);
  $$('.log .is-at').forEach(line => {
    const log = line.closest('.log');
    log.scrollTop += line.getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientHeight / 3;
  });
  // A link to a line that the page does not hold asks the server for it.
  const [, number] = location.hash.match(/^#L(\d{1,9})$/) || [];
  if (number && byId('log') && !byId('L' + number) && !location.search.includes('line=')) location.search = '?line=' + number;
  addEventListener('pageshow', count);

  // Keyboard: / c ? g+letter, Ctrl+Enter.
  const places = { m: 'models', d: '', j: 'jobs', e: 'endpoints', b: 'buckets' };
  let g = 0;
  on('keydown', e => {
    const ctrl = e.ctrlKey || e.metaKey;
    if (ctrl && e.key === 'Enter') e.target.form?.requestSubmit();
    if (ctrl || e.altKey || body.dataset.shortcuts || !$('[data-search]') || e.target.matches('input, select, textarea') || $('dialog[open]')) return;
    if (Date.now() - g < 1200 && e.key in places) location = '/' + (places[e.key] && places[e.key] + '/');
    else if (e.key === '/') { e.preventDefault(); $('[data-search]').focus(); }
    else if (e.key === 'c') location = '/models/create/';
    else if (e.key === '?') byId('shortcuts').showModal();
    g = e.key === 'g' ? Date.now() : 0;
  });

  on('click', e => e.target.closest('[data-print]') && print());

  // An answer that says where it goes is shown whatever its status; a poll that fails again says so once.
  let said;
  on('htmx:beforeSwap', e => {
    const { xhr, requestConfig } = e.detail;
    if (xhr.status < 400 || !xhr.getResponseHeader('HX-Retarget')) return;
    e.detail.shouldSwap = requestConfig.triggeringEvent?.isTrusted || said !== xhr.responseText;
    said = xhr.responseText;
  });
})();
