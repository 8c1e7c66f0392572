/* Files go up in parts; the server knows which are missing. Words: data/_uploading.html. */
(function () {
  const pick = (n, steps) => {
    const [, by, unit] = steps.find(([most]) => n < most);
    return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, maximumFractionDigits: n / by < 10 ? 1 : 0 }).format(n / by);
  };
  const size = n => pick(n, [[1e6, 1e3, 'kilobyte'], [1e9, 1e6, 'megabyte'], [1 / 0, 1e9, 'gigabyte']]);
  const time = s => pick(s, [[90, 1, 'second'], [5400, 60, 'minute'], [1 / 0, 3600, 'hour']]);
  const rest = s => new Promise(go => { setTimeout(go, s * 1000); addEventListener('online', go, { once: true }); });

  const ask = (open, method, url, body, sent) => new Promise((done, failed) => {
    const r = new XMLHttpRequest();
    r.open(method, url);
    r.setRequestHeader('X-CSRFToken', document.querySelector('[name=csrfmiddlewaretoken]').value);
    r.setRequestHeader('X-Person', document.body.dataset.person);
    r.responseType = 'json';
    if (sent) r.upload.onprogress = e => sent(e.loaded);
    r.onloadend = () => {
      open.delete(r);
      /^2/.test(r.status) ? done(r.response) : failed({ status: r.status, message: r.response?.message || r.statusText });
    };
    open.add(r);
    r.send(body);
  });

  function makeJob(list, zone, file, settled) {
    const li = list.querySelector('template').content.firstElementChild.cloneNode(true), words = list.dataset;
    const $ = s => li.querySelector(s), set = (s, name, value) => $(s).setAttribute(name, value), press = $('[data-press]'), job = { state: '' }, open = new Set(), flying = new Map();
    let kept = 0, since, from, id, begun = Promise.resolve();

    function draw() {
      const sent = kept + [...flying.values()].reduce((a, b) => a + b, 0), runs = job.state === 'run', share = Math.floor(100 * sent / (file.size || 1));
      const seconds = (performance.now() - since) / 1000, speed = (sent - from) / seconds, says = [size(file.size)];
      if (job.state !== 'ok') says.unshift(share + '%');
      if (runs && seconds > 1 && speed > 0) says.push(size(speed) + '/s', words.left.replace('%s', time((file.size - sent) / speed)));
      $('[data-facts]').textContent = says.join(' · ');
      set('.bar__fill', 'width', share);
      press.textContent = runs ? words.pause : words.resume;
    }
    function say(state, note = '') {
      job.state = state;
      set('.sicon', 'class', 'sicon s-' + state);
      set('use', 'href', '#s-' + state);
      $('[data-note]').textContent = note;
      press.hidden = state === 'wait';
      $('[data-more]').hidden = state === 'ok';
      draw();
    }
    const halt = (state, note) => { say(state, note); open.forEach(r => r.abort()); settled(); };
    async function part(number, bytes) {
      const blob = file.slice((number - 1) * bytes, number * bytes);
      try {
        await ask(open, 'PUT', `/uploads/${id}/parts/${number}/`, blob, n => { flying.set(number, n); draw(); });
        kept += blob.size;
      } finally { flying.delete(number); }
    }
    async function send(alive) {
      const { prefix, first } = zone.dataset, facts = { prefix, first, name: file.name, size: file.size, modified: file.lastModified };
      /* One after the other: two at once would begin two uploads, and a cancel in between would leave one. */
      const asked = begun.then(() => ask(new Set(), 'POST', zone.dataset.upload, new URLSearchParams(facts)));
      begun = asked.then(found => { id = found.id; }, () => 0);
      const found = await asked, queue = found.missing;
      Object.assign(zone.dataset, { prefix: found.prefix, first: '' });
      if (!alive()) return;
      from = kept = found.done;
      since = performance.now();
      say('run', kept ? words.onward : '');
      const worker = async () => { while (queue.length && alive()) await part(queue.shift(), found.part_size); };
      for (const end of await Promise.allSettled([1, 2, 3].map(worker))) if (end.reason) throw end.reason;
      if (!alive()) return;
      say('run', words.finishing);
      job.uri = (await ask(open, 'POST', `/uploads/${id}/finish/`)).uri;
      say('ok');
    }
    job.run = async () => {
      const turn = job.turn = {}, alive = () => job.state === 'run' && job.turn === turn;
      say('run');
      for (let tries = 0, best = 0; alive();) await send(alive).catch(e => {
        if (!alive()) return;
        if (e.status === 401) return new Promise(go => document.body.dispatchEvent(new CustomEvent('session:off', { detail: go })));
        tries = kept > best ? 1 : tries + 1;
        best = kept;
        if (![0, 409, 410].includes(e.status) && (e.status < 500 || e.status === 507) || tries > 8) return halt('err', e.message || words.lost);
        say('run', words.again);
        return rest(Math.min(30, 2 ** (tries - 1)));
      });
      settled();
    };
    press.onclick = () => job.state === 'run' ? halt('stop', words.paused) : job.run();
    $('[data-cancel]').onclick = async () => {
      halt('gone');
      li.hidden = true;
      await begun;
      if (id) await ask(open, 'POST', `/uploads/${id}/cancel/`).catch(() => 0);
      li.remove();
    };
    $('b').textContent = file.name;
    list.append(li);
    say('wait', words.waits);
    return job;
  }

  document.querySelectorAll('[data-upload]').forEach(zone => {
    const input = zone.querySelector('[type=file]'), card = zone.closest('.card'), into = document.getElementById(zone.dataset.into);
    async function take(files) {
      const settled = () => {
        const made = jobs.filter(job => job.uri);
        if (!made.length || jobs.some(job => ['run', 'wait'].includes(job.state))) return;
        if (!into) return made.length === jobs.length && location.reload();
        into.value = made.length === 1 ? made[0].uri : made[0].uri.replace(/[^/]*$/, '');
        into.dispatchEvent(new Event('change', { bubbles: true }));
      };
      zone.dataset.first = into ? 'yes' : '';
      const jobs = [...files].map(file => makeJob(card.querySelector('[data-upload-list]'), zone, file, settled));
      input.value = '';
      for (const job of jobs) if (job.state === 'wait') await job.run();
    }
    input.onchange = () => take(input.files);
    const over = is => card.classList.toggle('is-drop', is);
    card.ondragover = e => { if (e.dataTransfer.types.includes('Files')) { e.preventDefault(); over(true); } };
    card.ondragleave = e => card.contains(e.relatedTarget) || over(false);
    card.ondrop = e => { e.preventDefault(); over(false); take(e.dataTransfer.files); };
  });
})();
