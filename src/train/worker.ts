/** What the worker of a training runs. */
import { TrainingLoop } from './loop.js';
import type { Request } from './messages.js';

const loop = new TrainingLoop((message) => postMessage(message));
addEventListener('message', ({ data }: MessageEvent<Request>) => loop.take(data));
