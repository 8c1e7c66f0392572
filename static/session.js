/* A session that ends while a page is open: the page stays, its person signs in again in a dialog, and what could not be
   sent is sent then. A form goes only once the server knows its person. Words: partials/sign_in.html. */
(function () {
  const { body } = document, template = document.getElementById('sign-in-again'), on = (type, run) => document.addEventListener(type, run);
  const $ = (s, within) => (within || document).querySelector(s);
  let dialog, token, waiting = [], closed = false;

  // Who is signed in now. The tokens of the page are renewed, unless somebody else is.
  async function ask() {
    const answer = await fetch(template.dataset.session, { signal: AbortSignal.timeout(10000) }), who = await answer.json();
    who.isMine = who.person === body.dataset.person;
    token = who.token;
    if (who.isMine || !who.person) {
      body.setAttribute('hx-headers', JSON.stringify({ ...JSON.parse(body.getAttribute('hx-headers')), 'X-CSRFToken': token }));
      renew(document);
    }
    if (who.isMine) body.dispatchEvent(new CustomEvent('session:on', { detail: who.live }));
    return who;
  }
  const renew = part => part.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(input => input.value = token);

  // Runs `go` once the page's person is signed in: now, or after the dialog, which does not interrupt who types.
  async function whenSignedIn(go, byPerson) {
    const who = await ask();
    if (go) waiting.push(go);
    if (who.isMine) goOn();
    else if (byPerson || !closed && !document.activeElement.matches('input, select, textarea')) open(who);
  }
  function goOn() {
    const all = waiting;
    dialog?.remove();
    dialog = null;
    waiting = [];
    closed = false;
    all.forEach(go => go());
  }
  function open(who) {
    if (!dialog) {
      dialog = template.content.firstElementChild.cloneNode(true);
      body.append(dialog);
      htmx.process(dialog);
      dialog.addEventListener('signed-in', () => whenSignedIn().catch(lost));
      dialog.addEventListener('close', () => { waiting = []; closed = true; });
    }
    renew(dialog);
    $('[data-nobody]', dialog).hidden = !!who.person;
    $('[data-somebody]', dialog).hidden = !who.person;
    $('[data-name]', dialog).textContent = who.name;
    if (!dialog.open) dialog.showModal();
  }
  const lost = () => $('#flash').replaceChildren($('#no-answer').content.cloneNode(true));

  // htmx: what a person asked for is asked for once more; a poll comes again by itself.
  on('htmx:responseError', e => {
    if (e.detail.xhr.status !== 401) return;
    const event = e.detail.requestConfig.triggeringEvent, byPerson = event && event.type !== 'load' && !event.type.startsWith('live:');
    if (event?.isSecond) return lost();
    const again = () => event.target.dispatchEvent(Object.assign(new event.constructor(event.type, event), { isSecond: true }));
    whenSignedIn(byPerson && again, byPerson).catch(lost);
  });
  ['htmx:sendError', 'htmx:timeout'].forEach(type => on(type, e => { if (e.detail.requestConfig.triggeringEvent?.isTrusted) lost(); }));
  on('click', e => { if (e.target.closest('[data-sign-in]')) whenSignedIn(null, true).catch(lost); });
  body.addEventListener('session:ask', () => whenSignedIn().catch(() => 0));
  body.addEventListener('session:off', e => whenSignedIn(e.detail).catch(() => setTimeout(e.detail, 5000)));

  // A form that loads a page. One that needs nobody (data-anyone) goes as it is.
  let dirty = false, sure, asking = false, goneUntil = 0;
  on('input', e => dirty ||= !!e.target.closest('form[data-unsaved]'));
  addEventListener('pageshow', () => goneUntil = 0);
  addEventListener('beforeunload', e => { if (dirty) e.preventDefault(); });
  on('submit', async e => {
    const form = e.target, by = e.submitter;
    if (e.defaultPrevented) return;
    if (form === sure) goneUntil = Date.now() + 5000;
    if (form === sure || (by?.getAttribute('formmethod') || form.getAttribute('method')) !== 'post') return dirty &&= !form.matches('[data-unsaved]');
    e.preventDefault();
    if (asking || Date.now() < goneUntil) return; // a second press would replace the first one's answer, such as a new key
    asking = true;
    const go = () => {
      if (!form.isConnected) { // its part was renewed since; no browser sends a form that is in no document
        renew(form);
        form.hidden = true;
        body.append(form);
        setTimeout(() => form.remove(), 5000);
      }
      sure = form;
      form.requestSubmit(by?.form === form ? by : null);
      sure = null;
    };
    try {
      if ('anyone' in form.dataset) { await ask(); go(); } else await whenSignedIn(go, true);
    } catch { lost(); }
    asking = false;
  });
})();
