/** "My ways": subscribes this browser to warnings. The forms carry what the push service gave; the server keeps it. */
const button = document.querySelector<HTMLButtonElement>('#subscribe');
const form = document.querySelector<HTMLFormElement>('#subscribe-form');

const raw = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const field = (name: string, value: string): string => (form!.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = value);

async function subscribe(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/warning/ways/worker.js', { scope: '/warning/ways/', type: 'module' });
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
  await ready(registration);
  const found = (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: raw(button!.dataset['key']!) })).toJSON();
  field('endpoint', found.endpoint ?? '');
  field('p256dh', found.keys?.['p256dh'] ?? '');
  field('auth', found.keys?.['auth'] ?? '');
  form!.submit();
}

function ready(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (!worker) return Promise.resolve();
  return new Promise((done) => worker.addEventListener('statechange', () => worker.state === 'activated' && done()));
}

if (button && form) {
  const able = 'serviceWorker' in navigator && 'PushManager' in window && isSecureContext;
  document.querySelector<HTMLElement>('#unable')!.hidden = able;
  button.disabled = !able;
  button.addEventListener('click', () => void subscribe().catch((failure: Error) => {
    const told = document.querySelector<HTMLElement>('#refused')!;
    told.hidden = false;
    told.querySelector('span')!.textContent = failure.message === 'denied' ? '' : failure.message;
  }));
}
