/* What keeps an open page true: the stream of nudges, polls that are watched, times that go on. Words: partials/stale.html. */
(function () {
  const { body } = document, stale = document.getElementById('stale'), { lang } = document.documentElement;
  const $$ = (s, within) => [...(within || document).querySelectorAll(s)], on = (type, run) => document.addEventListener(type, run);
  const ahead = Date.now() - body.dataset.now * 1000; // of the server's clock, which all times of the page are by
  const now = () => Date.now() - ahead;
  const clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: body.dataset.zone });

  // One stream a tab, closed while hidden; a nudge becomes the event live:<topic>.
  const topics = body.dataset.topics.split(',').filter(Boolean);
  let { live } = body.dataset, stream, heard, lost;
  const nudge = topic => body.dispatchEvent(new Event('live:' + topic)), refresh = () => topics.forEach(nudge);
  const hush = () => stream = stream?.close();
  function listen() {
    if (!live || !topics.length || stream || document.hidden) return;
    stream = new EventSource(live + '&topics=' + encodeURIComponent(topics));
    stream.onopen = () => { if (heard) refresh(); heard = true; lost = false; }; // what was said in between is not known
    stream.onmessage = e => receive(e.data);
    stream.onerror = () => {
      if (!lost) refresh(); // the server may be away: a part that polls once a minute would not notice
      lost = true;
      if (stream?.readyState !== EventSource.CLOSED) return; // it connects again by itself
      hush();
      setTimeout(() => body.dispatchEvent(new Event('session:ask')), 15000);
    };
  }
  addEventListener('pagehide', hush);
  listen();

  // A part drops a nudge that comes while its request is under way. The answer may be older than the nudge, which is sent
  // again after it. One change nudges a row and its model in two messages, sent on at once: each part then asks once.
  const TOGETHER = 10; // milliseconds
  const received = new Set(), missed = new Set(), requesting = new Set();
  const drops = (part, topic) => part.getAttribute('hx-trigger').includes(`live:${topic} `) && !part.getAttribute('hx-sync')?.includes('replace');
  function receive(topic) {
    if (!received.size) setTimeout(() => { nudgeAll([...received]); received.clear(); }, TOGETHER);
    received.add(topic);
  }
  function nudgeAll(topics) {
    topics.filter(topic => [...requesting].some(part => drops(part, topic))).forEach(topic => missed.add(topic));
    topics.forEach(nudge);
  }
  on('htmx:beforeSend', e => { if (round(e.detail.elt)) requesting.add(e.detail.elt); });
  on('htmx:afterRequest', e => {
    if (!requesting.delete(e.detail.requestConfig.elt) || !missed.size) return; // `elt` is what is there after the swap
    const again = [...missed];
    missed.clear();
    setTimeout(() => nudgeAll(again));
  });

  // A part that polls is replaced by each answer. While one is older than three rounds, or its last question failed, the
  // page says since when and why, and asks again more often than the part would.
  const OLD = 12000;
  let why = 'away', grace = 0;
  const round = part => part.getAttribute('hx-trigger')?.match(/every (\d+)s/)?.[1];
  on('htmx:configRequest', e => {
    if (!round(e.detail.elt)) return;
    e.detail.timeout ||= 10000;
    e.detail.headers['X-Poll'] = 'true'; // nobody asked: it is no sign of a person
  });
  on('htmx:beforeRequest', e => { if (why === 'out' && round(e.detail.elt)) e.preventDefault(); });
  on('htmx:afterRequest', e => {
    if (!round(e.detail.elt)) return;
    const { xhr } = e.detail, { status } = xhr;
    why = { 401: 'out', 404: 'gone', 503: xhr.getResponseHeader('X-Unavailable') }[status] || (status < 400 ? 'away' : 'error');
    if (status < 200 || status >= 400) e.detail.elt.failed = now();
    if (why === 'out') { hush(); watch(); }
  });
  function watch() {
    const parts = $$('[hx-trigger*="every "]');
    parts.forEach(part => part.since ??= now());
    if (document.hidden || Date.now() < grace) return;
    const late = parts.filter(part => why === 'out' || now() - part.since > (part.failed ? OLD : Math.max(OLD, 3000 * round(part))));
    const again = parts.filter(part => part.failed && now() - part.failed > OLD);
    again.forEach(part => part.failed = now());
    if (again.length && why !== 'out') refresh();
    show(late.length && clock.format(Math.min(...late.map(part => part.since))), !parts.length);
  }
  const write = (el, text) => { if (el.textContent !== text) el.textContent = text; };
  function show(since, ended) {
    const asOf = since && stale.dataset.asOf.replace('%s', since);
    $$('.live:not([data-silent])').forEach(dot => {
      dot.dataset.word ??= dot.textContent;
      dot.hidden = ended;
      dot.classList.toggle('is-stale', !!since);
      write(dot, asOf || dot.dataset.word);
    });
    $$('[data-figures]').forEach(figures => { if (asOf) figures.dataset.asOf = asOf; else delete figures.dataset.asOf; });
    $$('[data-since]', stale).forEach(t => write(t, since || ''));
    $$('[data-why]', stale).forEach(el => el.hidden = !el.dataset.why.includes(why));
    body.classList.toggle('is-old', !!since);
    stale.hidden = !since;
  }
  setInterval(watch, 1000);
  on('click', e => { if (e.target.closest('[data-refresh]')) refresh(); });
  on('visibilitychange', () => {
    if (document.hidden) return hush();
    grace = Date.now() + 3000;
    if (why === 'out') return body.dispatchEvent(new Event('session:ask'));
    listen();
    refresh();
  });
  body.addEventListener('session:on', e => { why = 'away'; hush(); live = e.detail; listen(); refresh(); });

  // "26 minutes ago" stays true.
  const words = new Intl.RelativeTimeFormat(lang);
  setInterval(() => $$('time[data-ago]').forEach(t => {
    const s = (now() - new Date(t.dateTime)) / 1000;
    const [size, unit] = s < 2700 ? [60, 'minute'] : s < 79200 ? [3600, 'hour'] : [86400, 'day'];
    if (s > 45 && s < 6e5) t.textContent = words.format(-Math.max(1, Math.round(s / size)), unit);
  }), 30000);
})();
