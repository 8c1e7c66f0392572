/* The editor of people's own code: a plain textarea over coloured lines. Without this script it is a textarea. */
(function () {
  const form = document.querySelector('form[data-code]');
  if (!form) return;
  const area = () => form.querySelector('#code_text'), lines = () => document.getElementById('code-lines');
  const WORDS = 'and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|True|False|None';
  // The same as PYTHON in models_app/web/highlight.py.
  const TOKENS = new RegExp('(#[^\\n]*|"""[\\s\\S]*?(?:"""|$)|\'\'\'[\\s\\S]*?(?:\'\'\'|$))|("(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n])*\'?)|(\\b(?:' + WORDS + ')\\b)', 'g');

  // Nodes are built one by one: nothing of the source is ever taken for markup.
  function paint() {
    const text = area(), code = form.querySelector('.editor__in code');
    if (!text || !code) return;
    const parts = document.createDocumentFragment();
    let at = 0;
    for (const token of text.value.matchAll(TOKENS)) {
      parts.append(text.value.slice(at, token.index));
      const piece = document.createElement(token[1] ? 's' : token[2] ? 'u' : 'i');
      piece.textContent = token[0];
      parts.append(piece);
      at = token.index + token[0].length;
    }
    parts.append(text.value.slice(at) + '\n');
    code.replaceChildren(parts);
    const numbers = lines(), n = text.value.split('\n').length;
    while (numbers.childElementCount > n) numbers.lastElementChild.remove();
    while (numbers.childElementCount < n) numbers.append(Object.assign(document.createElement('li'), { textContent: numbers.childElementCount + 1 }));
  }

  // The lines that the check and the trial are about; an error goes before a warning.
  function mark() {
    const marks = new Map();
    ['trial', 'code-verdict'].forEach(id => (document.getElementById(id)?.dataset.marks || '').split(' ').filter(Boolean).forEach(pair => {
      const [line, level] = pair.split(':');
      if (marks.get(line) !== 'err') marks.set(line, level);
    }));
    [...(lines()?.children || [])].forEach((li, i) => {
      const level = marks.get(String(i + 1));
      li.className = level === 'err' ? 'is-e' : level ? 'is-w' : '';
    });
  }

  const insert = text => document.execCommand('insertText', false, text);  // keeps the browser's own undo
  let leaving = false;
  function indent(el, back) {
    const start = el.value.lastIndexOf('\n', el.selectionStart - 1) + 1, block = el.value.slice(start, el.selectionEnd);
    if (!back && el.selectionStart === el.selectionEnd) return insert('    ');
    el.setSelectionRange(start, el.selectionEnd);
    const moved = block.split('\n').map(line => back ? line.replace(/^ {1,4}/, '') : line && '    ' + line).join('\n');
    if (moved !== block) insert(moved);
    el.setSelectionRange(start, start + moved.length);
  }
  form.addEventListener('keydown', e => {
    if (e.target !== area() || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'Escape') leaving = true;
    else if (e.key === 'Tab' && !leaving) { e.preventDefault(); indent(e.target, e.shiftKey); }
    else if (e.key === 'Enter') {
      const before = e.target.value.slice(0, e.target.selectionStart), line = before.slice(before.lastIndexOf('\n') + 1);
      e.preventDefault();
      insert('\n' + line.match(/^ */)[0] + (/:\s*(#.*)?$/.test(line) ? '    ' : ''));
    } else if (e.key !== 'Shift') leaving = false;
  });
  form.addEventListener('focusin', e => { if (e.target !== area()) leaving = false; });
  form.addEventListener('input', e => { if (e.target === area()) paint(); });

  // A chosen file is sent at once; an example asks before it replaces what was typed.
  form.addEventListener('change', e => { if (e.target.matches('[data-code-file]') && e.target.files.length) form.querySelector('[data-code-upload]').click(); });
  form.addEventListener('click', e => {
    const button = e.target.closest('[data-example]');
    if (button && area().value.trim() && !confirm(button.dataset.question)) e.preventDefault();
  });

  document.addEventListener('htmx:afterSettle', () => { if (!form.querySelector('.editor__in code')?.childNodes.length) paint(); mark(); });
  paint();
  mark();
})();
