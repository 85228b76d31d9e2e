/**
 * Every screen except login, in one chunk: one request in the background loads the whole recovery. The chunk also has the fault
 * of blocked cookies, which few members see at login.
 */
export { default as recover } from './Recover.svelte';
export { default as temporary_password } from './TemporaryPassword.svelte';
export { default as new_password } from './NewPassword.svelte';
export { default as done } from './Done.svelte';
export { default as member } from './Member.svelte';
export { default as disavow } from './Disavow.svelte';
export { default as not_found } from './NotFound.svelte';
export { cookiesBlocked } from '../cookies';
