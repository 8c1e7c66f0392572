/* Uploads with a progress bar: one XMLHttpRequest a file to our own address; files may be dropped. Without it the forms just post. */
(function () {
  const token = () => document.querySelector('[name=csrfmiddlewaretoken]').value;
  const bar = '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="bar__fill" width="0" height="6"/></svg>';
  const icon = (li, tone) => {
    const svg = li.querySelector('.sicon');
    svg.setAttribute('class', 'sicon s-' + tone);
    svg.firstElementChild.setAttribute('href', '#s-' + tone);
  };
  const size = n => (n < 1e6 ? Math.max(1, Math.round(n / 1e3)) + ' KB' : (n / 1e6).toFixed(1) + ' MB');

  function row(list, file) {
    const li = document.createElement('li');
    li.innerHTML = '<svg class="sicon" width="16" height="16" aria-hidden="true"><use/></svg><div class="ups__b"><div class="row between"><b></b><span class="small sec"></span></div>' + bar + '</div>';
    li.querySelector('b').textContent = file.name;
    icon(li, 'wait');
    list.append(li);
    return li;
  }
  function send(url, prefix, file, li) {
    const words = li.querySelector('.sec'), fill = li.querySelector('.bar__fill');
    words.textContent = size(file.size);
    return new Promise((done, failed) => {
      const data = new FormData(), request = new XMLHttpRequest();
      data.append('prefix', prefix);
      data.append('files', file);
      request.open('POST', url);
      request.setRequestHeader('X-CSRFToken', token());
      request.setRequestHeader('Accept', 'application/json');
      request.responseType = 'json';
      icon(li, 'run');
      request.upload.onprogress = e => {
        const share = Math.round(100 * e.loaded / Math.max(1, e.total));
        fill.setAttribute('width', share);
        words.textContent = share + '%, ' + size(file.size);
      };
      request.onload = () => {
        if (request.status === 200) { icon(li, 'ok'); li.querySelector('.bar').remove(); words.textContent = size(file.size); return done(request.response.uris[0]); }
        failed(request.response?.message || request.status + ' ' + request.statusText);
      };
      request.onerror = () => failed(li.closest('[data-upload-list]').dataset.lost);
      request.send(data);
    }).catch(why => {
      const p = document.createElement('p');
      p.className = 'ferr';
      p.textContent = why;
      icon(li, 'err');
      li.querySelector('.bar').remove();
      li.querySelector('.ups__b').append(p);
    });
  }

  document.querySelectorAll('[data-upload]').forEach(zone => {
    const input = zone.querySelector('input[type=file]'), list = zone.parentElement.closest('form, .card').querySelector('[data-upload-list]');
    const url = zone.dataset.upload || zone.action;
    async function take(files) {
      const prefix = zone.dataset.prefix ?? zone.elements.prefix.value, rows = [...files].map(f => [f, row(list, f)]), made = [];
      for (const [file, li] of rows) { const uri = await send(url, prefix, file, li); if (uri) made.push(uri); }
      input.value = '';
      if (!made.length) return;
      if (zone.dataset.then === 'reload') { if (made.length === rows.length) location.reload(); return; }
      const into = document.getElementById(zone.dataset.into);
      into.value = made.length === 1 ? made[0] : made[0].slice(0, made[0].lastIndexOf('/') + 1);
      into.dispatchEvent(new Event('change', { bubbles: true }));
    }
    input.addEventListener('change', () => { if (input.files.length) take(input.files); });
    const drop = zone.closest('.card');
    drop.addEventListener('dragover', e => { if (e.dataTransfer.types.includes('Files')) { e.preventDefault(); drop.classList.add('is-drop'); } });
    drop.addEventListener('dragleave', e => { if (!drop.contains(e.relatedTarget)) drop.classList.remove('is-drop'); });
    drop.addEventListener('drop', e => { e.preventDefault(); drop.classList.remove('is-drop'); if (e.dataTransfer.files.length) take(e.dataTransfer.files); });
  });
})();
