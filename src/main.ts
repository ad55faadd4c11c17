import { beginEarly } from './ui/head-start.js';

beginEarly(location.search);
void Promise.all([import('./ui/app.js'), import('./ui/interaction.js')]).then(([, { watchInteraction }]) =>
  watchInteraction(window),
);
