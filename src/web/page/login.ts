/** The password. */
import { el, labelled } from './dom.js';
import { login } from './server.js';

export function loginView(onDone: () => void): HTMLElement {
  const password = el('input', { type: 'password', autocomplete: 'current-password', required: true });
  const problem = el('p', { class: 'problem', role: 'alert' });
  const form = el(
    'form',
    { class: 'login' },
    el('h1', {}, 'Log in'),
    labelled('Password', password),
    el('button', { class: 'primary' }, 'Log in'),
    problem,
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    problem.textContent = '';
    login(password.value).then(onDone, (error: Error) => {
      problem.textContent = error.message;
      password.select();
    });
  };
  return form;
}
