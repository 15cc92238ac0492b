import { h, fill } from './dom.js';

/** queryBox is the line in which queries are typed; go is called with what was typed. */
export function queryBox(value, go, label = 'Query', verb = 'Search') {
  const input = h('input', { id: 'q', type: 'search', name: 'q', value, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', 'aria-label': label,
    'aria-describedby': 'q-error', placeholder: 'log.level:error and service.name:checkout' });
  const error = h('div', { id: 'q-error', class: 'query-error', role: 'alert' });
  const form = h('form', { class: 'query', role: 'search', onsubmit: (e) => { e.preventDefault(); go(input.value); } },
    input, h('button', { type: 'submit', class: 'primary' }, verb), error);
  return {
    form, input,
    /** fail shows what is wrong, and where. */
    fail(failure) {
      input.setAttribute('aria-invalid', 'true');
      if (failure.offset < 0) {
        fill(error, failure.message);
        return;
      }
      fill(error, h('span', { class: 'place' }, input.value.slice(0, failure.offset), h('mark', {}, input.value.slice(failure.offset, failure.offset + 1) || '␣'), input.value.slice(failure.offset + 1)),
        h('span', {}, `at ${failure.offset + 1}: ${failure.message}`));
      input.setSelectionRange(failure.offset, failure.offset + 1);
    },
  };
}
