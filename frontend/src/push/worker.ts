/// <reference lib="webworker" />
/** The service worker of a subscribed browser: shows a pushed warning and sends back what its reader pressed. */
interface Pushed {
  title: string;
  body: string;
  reference: string;
  colour: string;
  answer: string;
  buttons: Record<string, string>;
}

const scope = self as unknown as ServiceWorkerGlobalScope;
const page = (said: Pushed): string => `/warning/ways/answer?${new URLSearchParams({ reference: said.reference, token: said.answer })}`;

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener('push', (event) => {
  const said = event.data?.json() as Pushed;
  const actions = Object.entries(said.buttons).map(([action, title]) => ({ action, title })); // most systems show the first two
  const options = { body: said.body, tag: said.reference, data: said, requireInteraction: true, renotify: true, actions };
  event.waitUntil(scope.registration.showNotification(said.title, options));
});

scope.addEventListener('notificationclick', (event) => {
  const said = event.notification.data as Pushed;
  event.waitUntil(answered(said, event.action, event.notification));
});

/** A pressed button is the answer; without network, or without a button, the page with all of them opens. */
async function answered(said: Pushed, content: string, notification: Notification): Promise<void> {
  if (content && said.answer) {
    const body = new URLSearchParams({ reference: said.reference, token: said.answer, content });
    const taken = await fetch('/warning/ways/answer', { method: 'POST', body }).catch(() => null);
    if (taken?.ok) return notification.close();
  }
  await scope.clients.openWindow(said.answer ? page(said) : '/warning/ways/mine');
}
