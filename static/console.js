/* What HTML cannot do by itself; every page works without it. Hooks are data- attributes. */
(function () {
  const body = document.body, byId = id => document.getElementById(id);
  const $ = (s, within) => (within || document).querySelector(s), $$ = (s, within) => [...(within || document).querySelectorAll(s)];
  const on = (type, run) => document.addEventListener(type, run);
  body.classList.add('has-js');

  // A part that lands in #modal opens it; <dialog> gives the focus back itself.
  on('htmx:afterSwap', e => { if (e.detail.target?.id === 'modal') $('dialog', e.detail.target)?.showModal(); });
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
  let pressed;
  on('pointerdown', e => pressed = e.target);
  ['pointerup', 'pointercancel'].forEach(type => on(type, () => pressed = null));
  on('htmx:beforeSwap', e => {
    if (pressed && e.detail.target.contains(pressed)) e.detail.shouldSwap = false; // else the click would be lost
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

  // One stream a tab, closed while hidden; a nudge becomes the event live:<topic>.
  const { live, topics } = body.dataset;
  let stream;
  const hush = () => stream = stream?.close();
  function listen() {
    if (!live || !topics || stream || document.hidden) return;
    stream = new EventSource(live + '&topics=' + encodeURIComponent(topics));
    stream.onmessage = e => body.dispatchEvent(new Event('live:' + e.data));
  }
  on('visibilitychange', () => document.hidden ? hush() : listen());
  addEventListener('pagehide', hush);
  listen();

  // After three failed polls the data stays and says since when it is old.
  let failed = 0;
  on('htmx:afterRequest', e => {
    failed = e.detail.successful ? 0 : failed + 1;
    $$('.live').forEach(dot => {
      dot.dataset.word ??= dot.textContent;
      dot.classList.toggle('is-stale', failed > 2);
      if (failed === 3) dot.textContent = `${body.dataset.stale} ${Date().slice(16, 21)}`;
      if (!failed) dot.textContent = dot.dataset.word;
    });
  });

  // "26 minutes ago" stays true.
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang);
  setInterval(() => $$('time[data-ago]').forEach(t => {
    const s = (Date.now() - new Date(t.dateTime)) / 1000;
    const [size, unit] = s < 2700 ? [60, 'minute'] : s < 79200 ? [3600, 'hour'] : [86400, 'day'];
    if (s > 45 && s < 6e5) t.textContent = words.format(-Math.max(1, Math.round(s / size)), unit);
  }), 30000);

  let dirty = false;
  on('input', e => dirty ||= !!e.target.closest('form[data-unsaved]'));
  on('submit', () => dirty = false);
  addEventListener('beforeunload', e => { if (dirty) e.preventDefault(); });
})();
